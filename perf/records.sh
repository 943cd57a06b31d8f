#!/usr/bin/env bash
# What records cost: the published executables with keep_alive, against the same ones without, in one run, by turns.
set -euo pipefail

case "${1-}" in
    "") (($# == 0)) || { echo "Usage: perf/records.sh" >&2; exit 2; } ;;
    *)
        echo "Usage: perf/records.sh    prints a table; takes about a minute, and wants a machine that does nothing else" >&2
        [[ $1 == -h || $1 == --help ]]
        exit $(($? * 2))
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

readonly rounds=5

prepare
build 1
start_service
start_ptth ptth
# The same executables; only the client-side proxy asks.
client_keys="keep_alive = 20"
start_ptth records
for ((round = 1; round <= rounds; round++)); do
    for load_of in "stream --streams 1 --seconds 1.5" "stream --streams 8 --seconds 1.5" "latency --seconds 1"; do
        read -r -a command <<<"$load_of"
        for chain in ptth records; do
            measure "$round" "$chain" "$dir/samples.tsv" "${command[@]}"
        done
    done
done

echo
printf '%-32s %12s %12s %10s\n' figure without records ratio
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
    function ratio(figure,    i, n, list) {
        for (i = 1; i <= 99; i++) if ((figure, "ptth", i) in value && value[figure, "ptth", i] > 0) list[++n] = value[figure, "records", i] / value[figure, "ptth", i]
        return median(list, n)
    }
    END { for (f = 1; f <= count; f++) printf "%-32s %12s %12s %10s\n", figures[f], of(figures[f], "ptth"), of(figures[f], "records"), ratio(figures[f]) }
' "$dir/samples.tsv"
