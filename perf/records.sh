#!/usr/bin/env bash
# What records cost: the published executables with keep_alive, against the same ones without, in one run, by turns.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

takes_nothing "a minute and a half" "$@"

readonly rounds=9

prepare
build 1
start_service
start_ptth ptth
# The same executables; only the client-side proxy asks.
client_keys="keep_alive = 20"
start_ptth records
for ((round = 1; round <= rounds; round++)); do
    for load_of in "stream --streams 1 --seconds 1" "stream --streams 8 --seconds 1" "latency --seconds 0.5"; do
        read -r -a command <<<"$load_of"
        # Whoever is second has what the first has left to the machine.
        order=(ptth records)
        ((round % 2)) || order=(records ptth)
        for chain in "${order[@]}"; do
            measure "$round" "$chain" "$dir/samples.tsv" "${command[@]}"
        done
    done
done

describe_machine
echo
compare_chains "$dir/samples.tsv" without=ptth records=records ratio=records/ptth
