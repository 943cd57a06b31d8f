#!/usr/bin/env bash
# Three hosts, each a network namespace: what becomes of tunnels when cables are pulled and packets lost.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/faults.sh [OPTION]...

Runs the published executables on three hosts, each a network namespace, with a cable from the relay's to each of the
others. Pulls cables, loses packets (nftables), delays them where the kernel has netem; checks that no broken stream is
passed off as a finished one, that tunnels work again afterwards, and that nothing is left open. Prints a report as
Markdown with how long each took; ends with 0 or 1. Takes some nine minutes. Needs root, and a kernel with network namespaces.

  --only TEXT     those whose name has this in it: "lost", "late", "moment", "long", "silently", "client", "server"
  --out FILE      where to write the report, too
  --logs DIR      where to leave the logs of all processes
  --no-publish    take dist/ as it is; otherwise it is published where it is older than the sources
USAGE
}

readonly called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

only=
out=
logs=
options=(only out logs)
parse_options "$@"
out=$(from_caller "$out")
logs=$(from_caller "$logs")

((EUID == 0)) || fail "network namespaces need root"
prepare
install_missing ip:iproute2 tc:iproute2 nft:nftables

# Names of their own: other runs, and whatever else the machine has, are left alone.
declare -A host=()
make_hosts() {
    local name number=0
    for name in relay client server; do
        host[$name]=ptth-$$-$name
        ip netns add "${host[$name]}" 2>"$dir/netns.log" || return 1
        namespaces+=("${host[$name]}")
        ip -n "${host[$name]}" link set lo up
    done
    for name in client server; do
        number=$((number + 1))
        # At the relay each end bears the name of the host at the other.
        ip -n "${host[relay]}" link add "$name" type veth peer name relay netns "${host[$name]}" 2>"$dir/netns.log" || return 1
        ip -n "${host[relay]}" address add "10.77.$number.1/24" dev "$name"
        ip -n "${host[$name]}" address add "10.77.$number.2/24" dev relay
        ip -n "${host[relay]}" link set "$name" up
        ip -n "${host[$name]}" link set relay up
    done
}

make_hosts || fail "cannot make the networks: $(tail -n 1 "$dir/netns.log")"
build "$publish"
port[service]=${port[soak-service]}
relay_address=([listen]=0.0.0.0 [client]=10.77.1.1 [server]=10.77.2.1)
configure_ptth soak
shorten_timeouts soak

describe_machine >"$dir/about"
logs=${logs:-$dir}
mkdir -p "$logs"
arguments=(--executables "$dist" --logs "$logs" --about "$dir/about" --only "$only"
    --service "127.0.0.1:${port[service]}" --forward "127.0.0.1:${port[soak]}"
    --party "relay=relay:$dir/soak-relay.toml@${host[relay]}"
    --party "server=server:$dir/soak-server.toml@${host[server]}"
    --party "client=client:$dir/soak-client.toml@${host[client]}")
if [[ -n $out ]]; then
    arguments+=(--out "$out")
fi
umask 022
"$load" faults "${arguments[@]}" &
pids+=("$!")
wait "$!"
