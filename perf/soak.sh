#!/usr/bin/env bash
# Random tunnels through the published executables for as long as asked for, with killed parties, garbage and slow readers.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/soak.sh MINUTES [OPTION]...

Opens random tunnels on loopback for that long (a fraction will do; ./test.sh runs 0.15), compares
every byte, and checks after each round that sockets, pipes, threads and resident size of the relay and of the proxies
are back where they were. In the first part nothing is killed, then the proxies are, then the relay. Garbage is thrown
at the relay meanwhile. Prints a report as Markdown; ends with 0 or 1.

  --seed N        what the tunnels are drawn from (default: a random one; the report has it)
  --out FILE      where to write the report, too
  --logs DIR      where to leave the logs of all processes
  --no-publish    take dist/ as it is; otherwise it is published where it is older than the sources
USAGE
}

readonly called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

seed=$((RANDOM * 32768 + RANDOM))
out=
logs=
options=(seed out logs)
minutes=0
case ${1-} in
    -*) ;;
    *)
        minutes=${1-}
        shift || misused
        ;;
esac
parse_options "$@"
out=$(from_caller "$out")
logs=$(from_caller "$logs")
[[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ && $seed =~ ^[0-9]{1,9}$ ]] && awk "BEGIN { exit !($minutes > 0) }" || misused

# configure_tls: the relay listens for TLS, too; another two proxies use that. The plain client-side proxy has a second port, to the
# server-side proxy that speaks TLS.
configure_tls() {
    local party pin
    make_certificate
    pin=sha256:$(openssl x509 -in "$dir/tls.pem" -outform DER | sha256sum | cut -d' ' -f1)
    for party in server client; do
        sed -e "s|^relay = .*|relay = \"https://127.0.0.1:${port[soak-tls-relay]}/v1\"|" \
            -e 's|^name = "service"|name = "service-tls"|' -e 's|^to = .*|to = "home/service-tls"|' \
            -e "s|^listen = .*|listen = \"127.0.0.1:${port[soak-tls]}\"|" \
            "$dir/soak-$party.toml" >"$dir/soak-tls-$party.toml"
        printf '\n[tls]\npin = "%s"\n' "$pin" >>"$dir/soak-tls-$party.toml"
    done
    printf '\n[[forward]]\nlisten = "127.0.0.1:%s"\nto = "home/service-tls"\n' "${port[soak-mixed]}" >>"$dir/soak-client.toml"
    printf '\n[tls]\ncertificate = "%s"\nprivate_key = "%s"\nlisten = ["127.0.0.1:%s"]\n' \
        "$dir/tls.pem" "$dir/tls-key.pem" "${port[soak-tls-relay]}" >>"$dir/soak-relay.toml"
}

prepare
install_missing openssl:openssl
build "$publish"
port[service]=${port[soak-service]}
configure_ptth soak
shorten_timeouts soak
configure_tls

describe_machine >"$dir/about"
logs=${logs:-$dir}
mkdir -p "$logs"
arguments=(--minutes "$minutes" --seed "$seed" --executables "$dist" --logs "$logs" --about "$dir/about"
    --service "127.0.0.1:${port[service]}"
    --relay-port "127.0.0.1:${port[soak-relay]}" --relay-port "127.0.0.1:${port[soak-tls-relay]}"
    --party "relay=relay:$dir/soak-relay.toml"
    --party "server=server:$dir/soak-server.toml" --party "client=client:$dir/soak-client.toml"
    --party "tls-server=server:$dir/soak-tls-server.toml" --party "tls-client=client:$dir/soak-tls-client.toml"
    --chain "plain=127.0.0.1:${port[soak]},server,client"
    --chain "TLS=127.0.0.1:${port[soak-tls]},tls-server,tls-client"
    --chain "mixed=127.0.0.1:${port[soak-mixed]},tls-server,client")
if [[ -n $out ]]; then
    arguments+=(--out "$out")
fi
say "seed $seed"
umask 022
"$load" soak "${arguments[@]}" &
pids+=("$!")
wait "$!"
