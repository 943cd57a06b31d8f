#!/usr/bin/env bash
# Runs the published executables as whole processes against real peers on loopback, and writes down what came out.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: perf/run.sh [OPTION]...

Measures PtthRaw's chain (client-side proxy, relay, server-side proxy) against direct loopback, HAProxy, nginx,
socat and ssh, all in one run, the chains in turn. Writes perf/results/YYYY-MM-DD-COMMIT.md and .svg.
The machine should be doing nothing else. Takes about six minutes.

  --rounds N      how many rounds; the medians of them count (default 3)
  --seconds S     how long each throughput is measured (default 3)
  --idle N        how many idle tunnels (default 2000)
  --out DIR       where to write (default perf/results)
  --no-publish    take dist/ as it is; otherwise it is published where it is older than the sources
USAGE
}

readonly called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=perf/lib.sh
. perf/lib.sh

rounds=3
seconds=3
idle=2000
out=
options=(rounds seconds idle out)
command_line="perf/run.sh $*"
parse_options "$@"
out=$(from_caller "$out")
out=${out:-perf/results}
[[ $rounds =~ ^[1-9][0-9]*$ && $idle =~ ^[1-9][0-9]*$ && $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || misused

prepare
install_missing haproxy:haproxy nginx:nginx "$nginx_module":libnginx-mod-stream socat:socat ssh:openssh-client sshd:openssh-server
build "$publish"
{
    describe
    echo "nginx: $(nginx -v 2>&1 | sed 's/.*nginx\///'); socat: $(socat -V | sed -n 's/^socat version \([^ ]*\).*/\1/p');" \
        "OpenSSH: $(ssh -V 2>&1 | cut -d, -f1), aes128-gcm"
    echo "command: \`${command_line% }\`"
} >"$dir/about"

say "starting the chains"
start_service
start_haproxy haproxy
start_nginx
start_socat
start_ssh
start_ptth ptth
start_ptth ptth-copy PTTH_SPLICE=0

samples=$dir/samples.tsv
chains=(direct haproxy ptth ptth-copy nginx socat ssh)
for ((round = 1; round <= rounds; round++)); do
    for load_of in "stream --streams 1" "stream --streams 8" "stream --streams 64" latency shorts; do
        read -r -a command <<<"$load_of"
        for chain in "${chains[@]}"; do
            measure "$round" "$chain" "$samples" "${command[@]}" --seconds "$seconds"
        done
    done
    measure_idle "$round" haproxy "$samples" "$idle"
    measure_idle "$round" ptth "$samples" "$idle"
done
echo "load average after the run: $(cut -d' ' -f1-3 /proc/loadavg)" >>"$dir/about"

name=$(date +%Y-%m-%d)-$(git rev-parse --short HEAD)
umask 022
mkdir -p "$out"
"$load" report --samples "$samples" --about "$dir/about" --title "Measured on $(date +%Y-%m-%d)" --out "$out/$name.md"
say "written: $out/$name.md and $out/$name.svg"
