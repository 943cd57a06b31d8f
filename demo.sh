#!/usr/bin/env bash
# Shows the whole thing on this machine: a relay, a server-side proxy and a client-side proxy as three
# processes on loopback, and a small TCP service behind them.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: ./demo.sh            builds, starts everything, says what to try, stays until Ctrl-C
       ./demo.sh --check    the same, sends real bytes both ways, prints the result, ends with 0 or 1
USAGE
}

check=0
case "${1-}" in
    "") ;;
    --check) check=1 ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
    echo "demo.sh: $*" >&2
    exit 1
}

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (the command dotnet)"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

echo "demo.sh: building"
for project in Ptth.Relay/Ptth.Relay.csproj Ptth.Proxy/Ptth.Proxy.csproj demo/DemoService.csproj; do
    output=$(dotnet build "$project" -c Release -v quiet 2>&1) || {
        echo "$output" >&2
        fail "$project does not build"
    }
done
relay=$PWD/Ptth.Relay/bin/Release/net10.0/ptth-relay
proxy=$PWD/Ptth.Proxy/bin/Release/net10.0/ptth-proxy
service=$PWD/demo/bin/Release/net10.0/demo-service

# Keys lie here.
umask 077
dir=$(mktemp -d)
names=()
pids=()

# Ends what this script started, by id, and leaves nothing behind.
cleanup() {
    local status=$? pid tries
    trap - EXIT
    trap "" INT TERM
    set +e
    if ((status != 0)); then
        local name
        for name in "${names[@]}"; do
            echo "--- the last lines of $name:" >&2
            tail -n 20 "$dir/$name.log" >&2
        done
    fi
    for pid in "${pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in "${pids[@]}"; do
        for ((tries = 0; tries < 50; tries++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$dir"
    exit "$status"
}
trap cleanup EXIT
trap 'echo; echo "demo.sh: stopping"; exit 0' INT TERM

# start NAME COMMAND...: runs a process whose output goes to its own log.
start() {
    local name=$1
    shift
    : >"$dir/$name.log"
    "$@" >>"$dir/$name.log" 2>&1 </dev/null &
    names+=("$name")
    pids+=("$!")
}

# ready NAME EXPRESSION: waits for the line of the newest process's log that EXPRESSION matches;
# what its parentheses take is left in BASH_REMATCH.
ready() {
    local name=$1 expression=$2 pid=${pids[-1]} tries line
    for ((tries = 0; tries < 300; tries++)); do
        while IFS= read -r line; do
            if [[ $line =~ $expression ]]; then
                return 0
            fi
        done <"$dir/$name.log"
        kill -0 "$pid" 2>/dev/null || fail "$name ended before it was ready"
        sleep 0.1
    done
    fail "$name was not ready within 30 s"
}

# make_key NAME: writes NAME.key and prints the key's hash for the relay.
make_key() {
    local made
    made=$("$relay" keygen)
    sed -n 's/^key = "\(.*\)"$/\1/p' <<<"$made" >"$dir/$1.key"
    sed -n 's/^key_hash = "\(.*\)"$/\1/p' <<<"$made"
}

start service "$service"
ready service 'ready: page ([0-9.:]+) echo ([0-9.:]+)'
page_target=${BASH_REMATCH[1]}
echo_target=${BASH_REMATCH[2]}

server_hash=$(make_key server)
client_hash=$(make_key client)
[[ -n $server_hash && -n $client_hash ]] || fail "ptth-relay keygen printed no key hash"

cat >"$dir/relay.toml" <<TOML
listen = ["127.0.0.1:0"]

[[server]]
name = "home"
key_hash = "$server_hash"

[[client]]
name = "laptop"
key_hash = "$client_hash"
allow = ["home/*"]
TOML
start relay "$relay" run --config "$dir/relay.toml" --drain 1
ready relay 'eady: .*(127\.0\.0\.1:[0-9]+)'
relay_address=${BASH_REMATCH[1]}

cat >"$dir/server.toml" <<TOML
relay = "http://$relay_address/v1"
key_file = "$dir/server.key"

[[port]]
name = "web"
target = "$page_target"

[[port]]
name = "echo"
target = "$echo_target"
TOML
start server-proxy "$proxy" server --config "$dir/server.toml" --drain 1
ready server-proxy 'eady: '

cat >"$dir/client.toml" <<TOML
relay = "http://$relay_address/v1"
key_file = "$dir/client.key"

[[forward]]
listen = "127.0.0.1:0"
to = "home/web"

[[forward]]
listen = "127.0.0.1:0"
to = "home/echo"
TOML
start client-proxy "$proxy" client --config "$dir/client.toml" --drain 1
ready client-proxy 'eady: .*(127\.0\.0\.1:[0-9]+) to home/web'
web=${BASH_REMATCH[1]}
ready client-proxy 'eady: .*(127\.0\.0\.1:[0-9]+) to home/echo'
echo_port=${BASH_REMATCH[1]#*:}

cat <<TEXT

  relay              http://$relay_address/v1
  server-side proxy  "home": web is $page_target, echo is $echo_target
  client-side proxy  "laptop": $web is home/web, 127.0.0.1:$echo_port is home/echo

TEXT

if ((!check)); then
    cat <<TEXT
Try:
  curl http://$web/
  nc 127.0.0.1 $echo_port        (what you type comes back through the relay)
  curl -i http://$relay_address/v1/health

Configuration, keys and logs: $dir
Ctrl-C ends it all.
TEXT
    # A signal interrupts the wait; otherwise one of the processes has ended, which it should not.
    wait -n "${pids[@]}" || true
    fail "one of the processes has ended"
fi

failed=0

head -c 1048576 /dev/urandom >"$dir/sent"
exec 3<>"/dev/tcp/127.0.0.1/$echo_port"
cat "$dir/sent" >&3 &
sender=$!
timeout 30 head -c 1048576 <&3 >"$dir/received" || true
kill "$sender" 2>/dev/null || true
wait "$sender" 2>/dev/null || true
exec 3>&-
if cmp "$dir/sent" "$dir/received"; then
    echo "ok: 1,048,576 random bytes went through the relay and came back the same"
else
    echo "FAILED: the echoed bytes differ" >&2
    failed=1
fi

exec 3<>"/dev/tcp/127.0.0.1/${web#*:}"
printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$web" >&3
timeout 30 cat <&3 >"$dir/page" || true
exec 3>&-
if head -n 1 "$dir/page" | grep -q '^HTTP/1\.1 200 ' && grep -q 'came through the relay' "$dir/page"; then
    echo "ok: an HTTP page came through the relay"
else
    echo "FAILED: no page came through the relay" >&2
    failed=1
fi

if ((failed)); then
    fail "the check failed"
fi
echo "demo.sh --check: passed"
