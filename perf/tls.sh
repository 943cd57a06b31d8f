#!/usr/bin/env bash
# What TLS costs: the published executables over TLS, against the same ones over plain HTTP, spliced and copied, in one run.
set -euo pipefail

case "${1-}" in
    "") (($# == 0)) || { echo "Usage: perf/tls.sh" >&2; exit 2; } ;;
    *)
        echo "Usage: perf/tls.sh    prints a table; takes about 2 minutes, and wants a machine that does nothing else" >&2
        [[ $1 == -h || $1 == --help ]]
        exit $(($? * 2))
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

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
printf '%-32s %12s %12s %12s %10s %10s\n' figure plain "plain, copied" TLS TLS/plain TLS/copied
# Medians of the rounds, and of the rounds' ratios.
awk -F '\t' '
    { value[$3, $2, $1] = $4; if (!($3 in seen)) { seen[$3]; figures[++count] = $3 } }
    function median(list, n,    i, j, t) {
        if (n == 0) return "-"
        for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
        return sprintf("%.3g", n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2)
    }
    function of(figure, chain,    i, n, list) {
        for (i = 1; i <= 99; i++) if ((figure, chain, i) in value) list[++n] = value[figure, chain, i]
        return median(list, n)
    }
    function ratio(figure, chain,    i, n, list) {
        for (i = 1; i <= 99; i++) if ((figure, chain, i) in value && value[figure, chain, i] > 0) list[++n] = value[figure, "ptth-tls", i] / value[figure, chain, i]
        return median(list, n)
    }
    END {
        for (f = 1; f <= count; f++) {
            name = figures[f]
            printf "%-32s %12s %12s %12s %10s %10s\n", name, of(name, "ptth"), of(name, "ptth-copy"), of(name, "ptth-tls"), ratio(name, "ptth"), ratio(name, "ptth-copy")
        }
    }' "$dir/samples.tsv"
