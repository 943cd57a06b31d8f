#!/usr/bin/env bash
# Throws mutated bytes at what reads bytes from outside, guided by the branches that they take.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/fuzz.sh TARGET|all [SECONDS] [OPTION]...
       perf/fuzz.sh repeat TARGET FILE...

Fuzzes one target, or each in turn, for that many seconds (60). What is found is printed and kept in
perf/fuzz/work/TARGET/findings; "repeat" runs such a file once more. Options: --inputs N, --seed N, and
--reduce, which afterwards replaces the target's corpus by the smallest one that takes the same branches.
Ends with 1 where something was found. Without arguments it lists the targets.
USAGE
}

case "${1-}" in
    -h | --help)
        usage
        exit 0
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

readonly home=perf/fuzz built=perf/fuzz/bin/Release/net10.0 instrumented=perf/fuzz/bin/instrumented
readonly assemblies=(Ptth.Http.dll Ptth.Common.dll ptth-relay.dll ptth-proxy.dll Tomlyn.dll)

dotnet build "$home/Ptth.Fuzz.csproj" -c Release -v quiet >&2
# Instrumenting changes assemblies in place, so a copy of them, made anew when there are newer ones.
if [[ ! -e $instrumented/done || -n $(find "$built" -name '*.dll' -newer "$instrumented/done" -print -quit) ]]; then
    rm -rf "$instrumented"
    cp -r "$built" "$instrumented"
    "$built/ptth-fuzz" instrument "${assemblies[@]/#/$instrumented/}"
    touch "$instrumented/done"
fi

case "${1-}" in
    "")
        usage
        echo
        echo "Targets:"
        "$instrumented/ptth-fuzz" list | sed 's/^/  /'
        exit 0
        ;;
    repeat)
        "$instrumented/ptth-fuzz" "$@"
        exit
        ;;
    all) mapfile -t targets < <("$instrumented/ptth-fuzz" list) ;;
    *) targets=("$1") ;;
esac
shift
# The configurations are files: in memory, where there is such a place.
if [[ -d /dev/shm && -w /dev/shm ]]; then
    export TMPDIR=/dev/shm
fi
seconds=60
if [[ ${1-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi

status=0
for target in "${targets[@]}"; do
    # A configuration may name standard input as a file.
    "$instrumented/ptth-fuzz" run "$target" --seconds "$seconds" --home "$home" --work "$home/work" "$@" </dev/null || status=1
done
exit "$status"
