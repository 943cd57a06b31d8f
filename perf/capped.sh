#!/usr/bin/env bash
# 1 GiB up through an nginx that takes no body over 10 MB and holds each back until it ends: it arrives whole, or this fails.
set -euo pipefail

case "${1-}" in
    "") (($# == 0)) || { echo "Usage: perf/capped.sh" >&2; exit 2; } ;;
    *)
        echo "Usage: perf/capped.sh    prints the time and the rate; takes about half a minute" >&2
        [[ $1 == -h || $1 == --help ]]
        exit $(($? * 2))
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

readonly bytes=$((1024 * 1024 * 1024))
readonly chain=capped

prepare
install_missing nginx:nginx-light socat:socat openssl:openssl
build 1
configure_ptth "$chain"
sed -i "s|:${port[$chain-relay]}/v1|:${port[nginx]}/v1|" "$dir/$chain-server.toml" "$dir/$chain-client.toml"
sed -i '1i upload = "auto"' "$dir/$chain-server.toml" "$dir/$chain-client.toml"
# One process: a root's worker would be nobody, for whom the folder is closed.
cat >"$dir/nginx.conf" <<CFG
daemon off;
master_process off;
pid $dir/nginx.pid;
error_log $dir/nginx-error.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    upstream relay {
        server 127.0.0.1:${port[$chain-relay]};
        keepalive 16;
    }
    server {
        listen 127.0.0.1:${port[nginx]};
        client_max_body_size 10m;
        location / {
            proxy_pass http://relay;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }
    }
}
CFG
# says NAME TEXT: waits until a process has logged that.
says() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        grep -qs "$2" "$dir/$1.log" && return
        sleep 0.1
    done
    fail "$1 did not say \"$2\" within some 10 s"
}

start "$chain-relay" "$dist/ptth-relay" run --config "$dir/$chain-relay.toml" --drain 1
says "$chain-relay" "ready:"
start nginx nginx -c "$dir/nginx.conf" -e "$dir/nginx-error.log"
start target socat -u "TCP-LISTEN:${port[service]},bind=127.0.0.1,reuseaddr" "SYSTEM:sha256sum >$dir/received"
start "$chain-server" "$dist/ptth-proxy" server --config "$dir/$chain-server.toml" --drain 1
says "$chain-server" "ready:"
# It looks at the path when it starts.
start "$chain-client" "$dist/ptth-proxy" client --config "$dir/$chain-client.toml" --drain 1
says "$chain-client" "uploads go in segments"

# The same bytes each time: zeros under a cipher are cheap to make.
pattern() {
    head -c "$bytes" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(printf '%032d' 0)" -iv "$(printf '%032d' 0)" 2>"$dir/openssl.log"
}
expected=$(pattern | sha256sum)
started=$EPOCHREALTIME
pattern | timeout 120 socat -u - "TCP:127.0.0.1:${port[$chain]}" || fail "the upload broke"
for ((tries = 0; tries < 300; tries++)); do
    [[ -s $dir/received ]] && break
    sleep 0.1
done
ended=$EPOCHREALTIME
[[ $(<"$dir/received") == "$expected" ]] || fail "what arrived is not what was sent"
awk -v bytes="$bytes" -v from="$started" -v to="$ended" 'BEGIN { printf "%d bytes arrived whole in %.1f s, %.2f Gbit/s\n", bytes, to - from, bytes * 8e-9 / (to - from) }'
