#!/usr/bin/env bash
# Prints each published executable's size and the relay's resident size right after its start, and fails
# when one is over its bound: 12 MB an executable, 25 MB resident (1 MB is 1,000,000 bytes).
set -euo pipefail

readonly max_file_bytes=12000000
readonly max_resident_bytes=25000000

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    echo "sizes.sh: $*" >&2
    exit 1
}

readonly usage="Usage: perf/sizes.sh [DIRECTORY]    the executables' directory, by default the newest in dist/"
case ${1-} in
    -h | --help)
        echo "$usage"
        exit 0
        ;;
esac
if (($# > 1)) || [[ ${1-} == -* ]]; then
    echo "$usage" >&2
    exit 2
fi
dir=${1-}
if [[ -z $dir ]]; then
    newest=
    for candidate in dist/*/ptth-relay; do
        if [[ -f $candidate && (-z $newest || $candidate -nt $newest) ]] && "$candidate" --version >/dev/null 2>&1; then
            newest=$candidate
        fi
    done
    [[ -n $newest ]] || fail "dist/ has no ptth-relay: run ./publish.sh first"
    dir=${newest%/*}
fi

failed=0

# row WHAT BYTES BOUND
row() {
    local verdict=ok
    if (($2 > $3)); then
        verdict=OVER
        failed=1
    fi
    printf '%-28s %12d bytes   at most %12d   %s\n' "$1" "$2" "$3" "$verdict"
}

for name in ptth-relay ptth-proxy; do
    [[ -x $dir/$name ]] || fail "$dir/$name is missing: run ./publish.sh first"
    row "$name" "$(stat -c %s "$dir/$name")" "$max_file_bytes"
done

work=$(mktemp -d)
pid=
cleanup() {
    set +e
    if [[ -n $pid ]]; then
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT

hash=$("$dir/ptth-relay" keygen | sed -n 's/^key_hash = "\(.*\)"$/\1/p')
cat >"$work/relay.toml" <<TOML
listen = ["127.0.0.1:0"]

[[server]]
name = "home"
key_hash = "$hash"
TOML
: >"$work/relay.log"
"$dir/ptth-relay" run --config "$work/relay.toml" >>"$work/relay.log" 2>&1 </dev/null &
pid=$!
for ((tries = 0; tries < 100; tries++)); do
    if grep -qwi 'ready' "$work/relay.log"; then
        break
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
done
if ! grep -qwi 'ready' "$work/relay.log"; then
    cat "$work/relay.log" >&2
    fail "the relay was not ready within 10 s"
fi
resident_kib=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status")
row "relay, resident at start" "$((resident_kib * 1024))" "$max_resident_bytes"

if ((failed)); then
    fail "a size is over its bound"
fi
