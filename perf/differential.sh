#!/usr/bin/env bash
# Shows the test vectors to the relay, nginx, HAProxy, Kestrel and Node, and writes down where they differ.
set -euo pipefail

called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

readonly home=perf/differential program=perf/differential/bin/Release/net10.0/ptth-differential
readonly base_port=${PTTH_PERF_PORT:-21500}
out=docs/differential.md

fail() {
    echo "differential.sh: $*" >&2
    exit 1
}

case "${1-}" in
    "") ;;
    -h | --help)
        cat <<'USAGE'
Usage: perf/differential.sh [FILE]

Sends each test vector of a request or a chunked body to the published relay, and to nginx, HAProxy, Kestrel and
Node, all on loopback, and writes what each made of it to FILE (docs/differential.md). nginx and HAProxy stand in
front of a backend that judges nothing. Takes about two minutes; ./publish.sh has to have run before.
USAGE
        exit 0
        ;;
    -*)
        echo "differential.sh: $1: no such option; --help says what there is" >&2
        exit 2
        ;;
    *) out=$(cd "$called_from" && realpath -m "$1") ;;
esac

for needed in nginx haproxy node; do
    command -v "$needed" >/dev/null || [[ -x /usr/sbin/$needed ]] || fail "$needed is missing: apt-get install nginx haproxy nodejs"
done
dist=
for candidate in dist/*/ptth-relay; do
    if [[ -f $candidate && (-z $dist || $candidate -nt $dist/ptth-relay) ]] && "$candidate" --version >/dev/null 2>&1; then
        dist=${candidate%/*}
    fi
done
[[ -n $dist ]] || fail "dist/ has no ptth-relay: run ./publish.sh first"
dotnet build "$home/Ptth.Differential.csproj" -c Release -v quiet >&2

work=$(mktemp -d)
pids=()
finish() {
    set +e
    for pid in "${pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null
    done
    for pid in "${pids[@]}"; do
        wait "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap finish EXIT

# start NAME COMMAND...
start() {
    "${@:2}" >"$work/$1.log" 2>&1 </dev/null &
    pids+=("$!")
}

# ready NAME PORT: waits until it accepts connections.
ready() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        (: >"/dev/tcp/127.0.0.1/$2") 2>/dev/null && return
        sleep 0.1
    done
    cat "$work/$1.log" >&2
    fail "$1 does not accept connections"
}

readonly relay=$base_port nginx=$((base_port + 1)) haproxy=$((base_port + 2)) kestrel=$((base_port + 3)) node=$((base_port + 4)) backend=$((base_port + 5))

keys=$("$dist/ptth-relay" keygen)
key=$(sed -n 's/^key = "\(.*\)"$/\1/p' <<<"$keys")
server_hash=$("$dist/ptth-relay" keygen | sed -n 's/^key_hash = //p')
cat >"$work/relay.toml" <<CFG
listen = ["127.0.0.1:$relay"]
[[server]]
name = "home"
key_hash = $server_hash
[[client]]
name = "laptop"
$(sed -n '/^key_hash/p' <<<"$keys")
allow = ["home/*"]
CFG
cat >"$work/nginx.conf" <<CFG
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    server {
        listen 127.0.0.1:$nginx;
        location / {
            proxy_pass http://127.0.0.1:$backend;
            proxy_http_version 1.1;
        }
    }
}
CFG
cat >"$work/haproxy.cfg" <<CFG
global
    maxconn 1000
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen front
    bind 127.0.0.1:$haproxy
    server backend 127.0.0.1:$backend
CFG

start backend "$program" backend --port "$backend"
start relay "$dist/ptth-relay" run --config "$work/relay.toml"
start kestrel "$program" kestrel --port "$kestrel"
start node node "$home/node.js" "$node"
ready backend "$backend"
start nginx "$(command -v nginx || echo /usr/sbin/nginx)" -c "$work/nginx.conf" -e "$work/nginx-error.log"
start haproxy "$(command -v haproxy || echo /usr/sbin/haproxy)" -db -f "$work/haproxy.cfg"
for name in relay nginx haproxy kestrel node; do
    ready "$name" "${!name}"
done

version() {
    sed -n "s/$1/\1/p" | head -n 1
}
cat >"$work/about" <<ABOUT
# The relay and others on the same bytes

Written by \`perf/differential.sh\` on $(date -u +%Y-%m-%d), with $("$dist/ptth-relay" --version),
nginx $(nginx -v 2>&1 | version '.*nginx\/\([0-9.]*\).*'), HAProxy $(haproxy -v | version 'HAProxy version \([^ ]*\).*'),
Kestrel of .NET $(dotnet --list-runtimes | version 'Microsoft.AspNetCore.App \([^ ]*\).*') and Node $(node --version), each as it comes. nginx and
HAProxy pass requests on to a backend that judges nothing.

The cases are the test vectors in \`Ptth.Tests/Vectors\`, by their titles: each head, or each chunked body behind a plain
head, with another request behind it. A cell says the status of each answer, with the length of the body that was found
where the answer tells it, and whether the connection was closed, kept, or waits for more. What was taken is in bold.
Cases that all take or all refuse are left out.
ABOUT
"$program" table --peer "relay=$relay" --peer "nginx=$nginx" --peer "HAProxy=$haproxy" --peer "Kestrel=$kestrel" --peer "Node=$node" \
    --key "$key" --notes "$home/notes.txt" --about "$work/about" >"$work/table"
cp "$work/table" "$out"
echo "differential.sh: $out"
