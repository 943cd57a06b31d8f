#!/usr/bin/env bash
# Sends tunnels through each of the servers that docs/behind has a configuration for, five minutes of rest included, and writes the table
# of what came of it to perf/results/. Needs the servers: ./test.sh installs them.
set -euo pipefail

case "${1-}" in
    -h | --help)
        echo "Usage: perf/behind.sh [--no-publish]"
        echo "Writes perf/results/DATE-COMMIT-behind.md, and prints the table. Takes about seven minutes. PTTH_BEHIND_IDLE_SECONDS: the rest, 300."
        exit 0
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ ${1-} == --no-publish ]] || ./publish.sh >&2

export PTTH_BEHIND_NOTES=$work/notes PTTH_BEHIND_IDLE_SECONDS=${PTTH_BEHIND_IDLE_SECONDS:-300}
status=0
dotnet test --project Ptth.Tests/Ptth.Tests.csproj -c Release --filter FullyQualifiedName~Ptth.Tests.Behind >&2 || status=$?
[[ -s $PTTH_BEHIND_NOTES ]] || { echo "perf/behind.sh: no test has run" >&2; exit 1; }

# A cell is what its tests noted last, and "failed" where one of them failed.
result=perf/results/$(date -u +%F)-$(git rev-parse --short HEAD)-behind.md
awk -F '\t' -v idle="idle $PTTH_BEHIND_IDLE_SECONDS s" '
    { if (cell[$1, $2] != "failed") cell[$1, $2] = $3 }
    END {
        rows = split("Nginx HAProxy Lighttpd Apache Caddy", row, " ")
        name["Nginx"] = "nginx"; name["HAProxy"] = "HAProxy"; name["Lighttpd"] = "lighttpd"; name["Apache"] = "Apache httpd"; name["Caddy"] = "Caddy 2.6.2"
        columns = split("bulk;half-close;broken end;no delay;200 tunnels;" idle, column, ";")
        line = "| |"; rule = "| --- |"
        for (c = 1; c <= columns; c++) { line = line " " column[c] " |"; rule = rule " --- |" }
        print line; print rule
        for (r = 1; r <= rows; r++) {
            line = "| " name[row[r]] " |"
            for (c = 1; c <= columns; c++) line = line " " ((row[r], column[c]) in cell ? cell[row[r], column[c]] : "not run") " |"
            print line
        }
    }' "$PTTH_BEHIND_NOTES" | tee "$result"
exit "$status"
