#!/usr/bin/env bash
# What TLS costs: the published executables over TLS, against the same ones over plain HTTP, spliced and copied, in one run.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

takes_nothing "2 minutes" "$@"

readonly rounds=3
readonly idle=500

prepare
install_missing openssl:openssl
build 1
start_service
start_ptth ptth
start_ptth ptth-copy PTTH_SPLICE=0
start_ptth ptth-tls
for ((round = 1; round <= rounds; round++)); do
    for load_of in "stream --streams 1 --seconds 2" "stream --streams 8 --seconds 2" "latency --seconds 1" "shorts --seconds 1.5"; do
        read -r -a command <<<"$load_of"
        for chain in ptth ptth-copy ptth-tls; do
            measure "$round" "$chain" "$dir/samples.tsv" "${command[@]}"
        done
    done
done
for chain in ptth ptth-tls; do
    measure_idle 1 "$chain" "$dir/samples.tsv" "$idle"
done

describe | grep -v HAProxy
echo
compare_chains "$dir/samples.tsv" plain=ptth "plain, copied=ptth-copy" TLS=ptth-tls TLS/plain=ptth-tls/ptth TLS/copied=ptth-tls/ptth-copy
