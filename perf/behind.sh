#!/usr/bin/env bash
# Sends tunnels through each of the servers that docs/behind has a configuration for, five minutes of rest included, and writes the table
# of what came of it to perf/results/. Needs the servers: ./test.sh installs them.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/behind.sh [--no-publish]
       perf/behind.sh --table NOTES

Writes perf/results/DATE-COMMIT-behind.md, with the delays, and prints it. Takes about seven minutes.
PTTH_BEHIND_IDLE_SECONDS: the rest, 300.

  --no-publish    take dist/ as it is
  --table NOTES   run nothing; print the table as README has it, of what tests noted in NOTES (PTTH_BEHIND_NOTES)
USAGE
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# table NOTES SECONDS DELAYS: a cell is what its tests noted last, and "failed" where one of them failed. DELAYS: whether to tell them.
table() {
    awk -F '\t' -v rest="$2" -v delays="$3" '
        { if (cell[$1, $2] != "failed") cell[$1, $2] = !delays && $3 ~ / ms$/ ? "yes" : $3 }
        END {
            rows = split("Nginx HAProxy Lighttpd Apache Caddy", row, " ")
            name["Nginx"] = "nginx"; name["HAProxy"] = "HAProxy"; name["Lighttpd"] = "lighttpd"; name["Apache"] = "Apache httpd"; name["Caddy"] = "Caddy 2.6.2"
            columns = split("bulk;half-close;broken end;no delay;200 tunnels;idle " rest " s", column, ";")
            line = "| |"; rule = "| --- |"
            for (c = 1; c <= columns; c++) { line = line " " (column[c] == "idle 300 s" ? "idle 5 min" : column[c]) " |"; rule = rule " --- |" }
            print line; print rule
            for (r = 1; r <= rows; r++) {
                line = "| " name[row[r]] " |"
                for (c = 1; c <= columns; c++) {
                    found = (row[r], column[c]) in cell ? cell[row[r], column[c]] : "not run"
                    if (found == "no" && (row[r], column[c] ", mark_ends") in cell) found = found "; " cell[row[r], column[c] ", mark_ends"] " with `mark_ends`"
                    line = line " " found " |"
                }
                print line
            }
        }' "$1"
}

case "${1-}" in
    -h | --help)
        usage
        exit 0
        ;;
    --table)
        (($# == 2)) || { usage >&2; exit 2; }
        table "$2" 300 0
        exit 0
        ;;
    "" | --no-publish) ;;
    *)
        usage >&2
        exit 2
        ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ ${1-} == --no-publish ]] || ./publish.sh >&2

export PTTH_BEHIND_NOTES=$work/notes PTTH_BEHIND_IDLE_SECONDS=${PTTH_BEHIND_IDLE_SECONDS:-300}
status=0
dotnet test --project Ptth.Tests/Ptth.Tests.csproj -c Release --filter FullyQualifiedName~Ptth.Tests.Behind >&2 || status=$?
[[ -s $PTTH_BEHIND_NOTES ]] || { echo "perf/behind.sh: no test has run" >&2; exit 1; }

table "$PTTH_BEHIND_NOTES" "$PTTH_BEHIND_IDLE_SECONDS" 1 | tee "perf/results/$(date -u +%F)-$(git rev-parse --short HEAD)-behind.md"
exit "$status"
