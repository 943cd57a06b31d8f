#!/usr/bin/env bash
# The short form of run.sh: fails when a ratio has fallen behind the recorded one by more than its noise.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/guard.sh                   measures, compares with perf/results/guard.txt, ends with 0 or 1
       perf/guard.sh --record [RUNS]   measures RUNS times (default 8) and records the ratios and their noise there

Only ratios are compared: CPU time per GB, round trip (on one CPU) and short tunnels against HAProxy in the
same rounds, and resident KB per idle tunnel. One series of rounds takes some 50 seconds. A ratio that is behind in it is
measured once more, in a series of its own with new processes; behind in both is a failure.
dist/ is published where it is older than the sources.
USAGE
}

runs=0
case "${1-}" in
    "") (($# == 0)) || { usage >&2; exit 2; } ;;
    --record) runs=${2-8} ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
if [[ ! $runs =~ ^[0-9]+$ ]] || (($# > 2)); then
    usage >&2
    exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

readonly record=perf/results/guard.txt
readonly rounds=3
readonly idle=1000
all_cpus=$(taskset -c -p "$$" | sed 's/.*: //')
readonly all_cpus

# pin CPUS: this script, and with it what it starts from now on, and all threads of all that it has started.
# Over two CPUs a round trip takes three times as long on an idle machine, which has to wake the other CPU, as on
# a busy one; on one CPU it is what the chain makes of it.
pin() {
    local pid
    for pid in "$$" "${pids[@]}"; do
        taskset -a -c -p "$1" "$pid" >/dev/null
    done
}

# series FILE: the rounds of one series, with processes of its own.
series() {
    local round chain load_of command
    start_service
    start_haproxy haproxy
    start_ptth ptth
    for ((round = 1; round <= rounds; round++)); do
        for load_of in "stream --streams 1 --seconds 1.5" "stream --streams 8 --seconds 1.5" "shorts --seconds 1"; do
            read -r -a command <<<"$load_of"
            for chain in haproxy ptth; do
                measure "$round" "$chain" "$1" "${command[@]}"
            done
        done
        pin 0
        for chain in haproxy ptth; do
            measure "$round" "$chain" "$1" latency --seconds 1 --name rtt_one_cpu
        done
        pin "$all_cpus"
        # New processes each time: how much garbage they hold when they are looked at is chance.
        measure_idle "$round" ptth "$1" "$idle"
    done
    stop_all
}

if ((runs == 0)) && [[ ! -f $record ]]; then
    fail "$record is missing: record it on a quiet machine with perf/guard.sh --record"
fi
prepare
install_missing haproxy:haproxy
build 1

if ((runs > 0)); then
    describe >"$dir/about"
    arguments=()
    for ((run = 1; run <= runs; run++)); do
        say "run $run of $runs"
        series "$dir/$run.tsv"
        arguments+=(--samples "$dir/$run.tsv")
    done
    umask 022
    mkdir -p "${record%/*}"
    "$load" record "${arguments[@]}" --about "$dir/about" --out "$record"
    exit 0
fi

say "load average $(cut -d' ' -f1-3 /proc/loadavg)"
series "$dir/first.tsv"
if "$load" guard --record "$record" --samples "$dir/first.tsv"; then
    say "no ratio is behind"
    exit 0
fi
say "measuring once more"
series "$dir/second.tsv"
if "$load" guard --record "$record" --samples "$dir/first.tsv" --samples "$dir/second.tsv"; then
    say "no ratio is behind in both series"
    exit 0
fi
fail "a ratio is behind the recorded one by more than its noise: make it good, or, where the change is meant, record anew"
