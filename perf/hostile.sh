#!/usr/bin/env bash
# Honest tunnels while hostile connections are held against the relay: how much they lose, and what it costs the relay.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/hostile.sh [COUNT]

Holds COUNT (default 5000) hostile connections against a relay while 50 honest tunnels move hashed data, with the limits
as they come and with limits that let all of them in, from one address and from many, and over TLS. Prints the figures and ends
with 0 when all of these hold:

  honest throughput under attack is at least 0.7 of that without, the median of the rounds
  no honest byte is lost or changed
  the relay's resident size stays below 150 MB (1 MB is 1,000,000 bytes)
  every hostile connection is gone within its time-outs (20 s, a head's 10 s and a body's 5 s among them)

It takes some three minutes. dist/ is published where it is older than the sources.
USAGE
}

count=${1-5000}
if [[ ! $count =~ ^[1-9][0-9]*$ ]] || (($# > 1)); then
    usage >&2
    [[ ${1-} == -h || ${1-} == --help ]] && exit 0
    exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

readonly rounds=2 tunnels=50 seconds=3 least_ratio=0.7 most_resident=150000000 longest=20
failed=0

# value FIGURE TEXT
value() {
    awk -F '\t' -v figure="$1" '$1 == figure { print $2 }' <<<"$2"
}

honest() {
    "$load" honest --to "127.0.0.1:${port[$1]}" --tunnels "$tunnels" --seconds "$seconds" || fail "$1: ptth-load honest failed"
}

# peak: the most that the relay was resident, bytes.
peak() {
    awk '/^VmHWM:/ { print $2 * 1024 }' "/proc/$relay_id/status"
}

# holds WHAT CONDITION: notes and prints a verdict; the condition is awk's.
holds() {
    if awk "BEGIN { exit !($2) }"; then
        say "  holds: $1"
    else
        say "  FAILS: $1"
        failed=1
    fi
}

# attack CHAIN ADDRESSES: rounds without and with hostile connections by turns.
attack() {
    local chain=$1 round quiet loud during figures ratios=() arguments=()
    if [[ $2 == many ]]; then
        arguments=(--many-addresses)
    fi
    say "$chain limits, hostile connections from $2 address(es)"
    for ((round = 1; round <= rounds; round++)); do
        quiet=$(honest "$chain")
        "$load" hostile --to "127.0.0.1:${port[$chain-relay]}" --count "$count" --seconds $((seconds + 1)) "${arguments[@]}" \
            >"$dir/hostile.txt" 2>"$dir/hostile.log" </dev/null &
        pids+=("$!")
        until grep -q 'all opened' "$dir/hostile.txt"; do
            kill -0 "${pids[-1]}" 2>/dev/null || fail "ptth-load hostile ended too early"
            sleep 0.1
        done
        loud=$(honest "$chain")
        wait "${pids[-1]}" || fail "ptth-load hostile failed"
        unset 'pids[-1]'
        figures=$(<"$dir/hostile.txt")
        during=$(value honest.gbit "$loud")
        ratios+=("$(awk -v a="$during" -v b="$(value honest.gbit "$quiet")" 'BEGIN { printf "%.2f", a / b }')")
        say "  round $round: $(value honest.gbit "$quiet") Gbit/s without, $during with: ${ratios[-1]};" \
            "$(value hostile.opened "$figures") opened, $(value hostile.most_at_once "$figures") at once," \
            "$(value hostile.open_at_end "$figures") at the end, gone after $(value hostile.gone_s "$figures") s"
        holds "no honest byte lost" "$(value honest.errors "$quiet") + $(value honest.errors "$loud") == 0"
        holds "all hostile connections gone within $longest s" \
            "$(value hostile.left "$figures") == 0 && $(value hostile.gone_s "$figures") <= $longest"
    done
    local median
    median=$(printf '%s\n' "${ratios[@]}" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }')
    holds "throughput ratio $median, at least $least_ratio" "$median >= $least_ratio"
    holds "relay resident at most $(peak) bytes, below $most_resident" "$(peak) < $most_resident"
}

prepare
build 1
start_service

limits=""
start_ptth ptth
relay_id=${pids[-3]}
attack ptth one
attack ptth many

limits="max_connections = 20000
max_connections_per_address = 20000
max_unauthenticated_connections = 20000
max_unauthenticated_per_address = 20000"
start_ptth wide
relay_id=${pids[-3]}
attack wide many

limits=""
start_ptth ptth-tls
relay_id=${pids[-3]}
attack ptth-tls many

if ((failed)); then
    fail "something above does not hold"
fi
say "all of it holds"
