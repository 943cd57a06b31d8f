# shellcheck shell=bash
# What the scripts share: their options, the peers, the chains, their processes, one measurement. Sourced, from the
# repository's top folder, to which whoever sources it has gone from "called_from".

readonly me=${0##*/}
readonly load=perf/load/bin/Release/net10.0/ptth-load
readonly needed_files=12000
readonly base_port=${PTTH_PERF_PORT:-21400}

fail() {
    echo "$me: $*" >&2
    exit 1
}

say() {
    echo "$me: $*" >&2
}

# parse_options ARGUMENT...: sets the variable OPTION for each "--OPTION VALUE" and "publish" to 0 for --no-publish. An option is
# known by its variable, which the script has declared with its default and named in "options". Calls the script's usage.
parse_options() {
    publish=1
    while (($# > 0)); do
        case $1 in
            -h | --help)
                usage
                exit 0
                ;;
            --no-publish)
                publish=0
                shift
                continue
                ;;
        esac
        if (($# == 1)) || [[ $1 != --* || " ${options[*]} " != *" ${1#--} "* ]]; then
            misused
        fi
        printf -v "${1#--}" %s "$2"
        shift 2
    done
}

# misused: says how the script is called, and ends it.
misused() {
    usage >&2
    exit 2
}

# from_caller PATH: a path as whoever called the script means it; empty stays empty.
from_caller() {
    if [[ -n $1 ]]; then
        (cd "$called_from" && realpath -m "$1")
    fi
}

# The ports, all on loopback. A chain's name is its port's.
declare -A port=()
offset=0
for name in service direct haproxy nginx socat ssh ssh-middle sshd \
    ptth ptth-relay ptth-copy ptth-copy-relay idle-haproxy idle-ptth idle-ptth-relay \
    soak soak-relay soak-service soak-tls soak-tls-relay soak-mixed \
    wide wide-relay records records-relay capped capped-relay ptth-tls ptth-tls-relay idle-ptth-tls idle-ptth-tls-relay; do
    port[$name]=$((base_port + offset))
    offset=$((offset + 1))
done
# Without anything in between.
port[direct]=${port[service]}
unset name offset

dir=
policy=
as_root=()
if ((EUID != 0)); then
    as_root=(sudo -n)
fi
pids=()
# The processes of each chain as arguments for the load generator: --process NAME=ID ...
declare -A processes=()
# Network namespaces to be removed at the end.
namespaces=()
# Where a relay listens, and where its proxies find it.
declare -A relay_address=([listen]=127.0.0.1 [client]=127.0.0.1 [server]=127.0.0.1)

# Ends what was started, by id, the newest first, and leaves nothing behind.
cleanup() {
    local status=$? namespace
    trap - EXIT
    trap "" INT TERM
    stop_all
    for namespace in "${namespaces[@]}"; do
        ip netns delete "$namespace" || true
    done
    if [[ -n $policy ]]; then
        "${as_root[@]}" rm -f "$policy"
    fi
    if [[ -n $dir ]]; then
        if ((status != 0)); then
            tail -n 5 "$dir"/*.log >&2 || true
        fi
        rm -rf "$dir"
    fi
    exit "$status"
}

prepare() {
    command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (the command dotnet)"
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
    # Where Debian has the servers.
    PATH+=:/usr/sbin
    umask 077
    dir=$(mktemp -d)
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    local hard
    hard=$(ulimit -Hn)
    if [[ $hard != unlimited ]] && ((hard < needed_files)); then
        ulimit -Hn "$needed_files" 2>/dev/null || fail "the open files limit is $hard; 2,000 tunnels need $needed_files"
    fi
    ulimit -Sn "$needed_files"
}

# install_missing PROGRAM:PACKAGE...: installs the packages whose programs (or files) are missing. None starts its service.
install_missing() {
    local entry program missing=()
    for entry in "$@"; do
        program=${entry%%:*}
        if [[ ! -e $program ]] && ! command -v "$program" >/dev/null; then
            missing+=("${entry#*:}")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    command -v apt-get >/dev/null || fail "these are missing (Debian's names): ${missing[*]}"
    say "installing ${missing[*]}"
    # Without a policy of the machine's own, this one keeps the packages from starting their services.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$dir/policy-rc.d"
        policy=/usr/sbin/policy-rc.d
        "${as_root[@]}" install -m 755 "$dir/policy-rc.d" "$policy"
    fi
    "${as_root[@]}" apt-get update -qq >"$dir/apt.log" 2>&1 || say "apt-get update failed; going on with the lists as they are"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends -y "${missing[@]}" >>"$dir/apt.log" 2>&1 ||
        fail "apt-get could not install ${missing[*]}"
    if [[ -n $policy ]]; then
        "${as_root[@]}" rm -f "$policy"
        policy=
    fi
}

# build WITH_PUBLISH: the load generator, and the executables unless they are newer than their sources. Leaves
# their folder in "dist".
build() {
    local candidate newest=
    dotnet build perf/load/Ptth.Load.csproj -c Release -v quiet >&2
    for candidate in dist/*/ptth-relay; do
        # Another machine's are published here, too; this one cannot run them.
        if [[ -f $candidate && (-z $newest || $candidate -nt $newest) ]] && "$candidate" --version >/dev/null 2>&1; then
            newest=$candidate
        fi
    done
    if (($1)) && { [[ -z $newest ]] || is_stale "$newest"; }; then
        (umask 022 && ./publish.sh >&2)
        build 0
        return
    fi
    [[ -n $newest ]] || fail "dist/ has no ptth-relay: run ./publish.sh first"
    dist=${newest%/*}
    [[ -x $dist/ptth-proxy ]] || fail "$dist has no ptth-proxy: run ./publish.sh first"
}

is_stale() {
    local newer
    newer=$(find Ptth.Common Ptth.Http Ptth.Relay Ptth.Proxy Directory.Build.props Directory.Packages.props \
        -name obj -prune -o -name bin -prune -o -type f -newer "$1" -print -quit)
    [[ -n $newer ]]
}

# start NAME COMMAND...: runs a process with a log of its own; its id is pids[-1].
start() {
    local name=$1
    shift
    "$@" >"$dir/$name.log" 2>&1 </dev/null &
    pids+=("$!")
}

# stop ID...
stop() {
    local pid tries
    for pid in "$@"; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in "$@"; do
        for ((tries = 0; tries < 50; tries++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

stop_all() {
    local i newest_first=()
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        newest_first+=("${pids[i]}")
    done
    stop "${newest_first[@]}"
    pids=()
}

# echoes PORT: whether a line comes back from there.
echoes() {
    local line=
    {
        printf 'Echo\n' >&3 && read -r -t 2 -u 3 line
    } 3<>"/dev/tcp/127.0.0.1/$1" 2>/dev/null
    [[ $line == Echo ]]
}

# ready CHAIN: waits until the chain, as started by now, carries bytes.
ready() {
    local tries pid=${pids[-1]}
    for ((tries = 0; tries < 100; tries++)); do
        if (echoes "${port[$1]}") 2>/dev/null; then
            return
        fi
        kill -0 "$pid" 2>/dev/null || fail "$1 ended before it was ready"
        sleep 0.1
    done
    fail "$1 did not answer within some 10 s"
}

start_service() {
    # Bounded, should this script be killed outright.
    start service "$load" serve --listen "127.0.0.1:${port[service]}" --seconds 7200
    ready service
    processes[direct]=
}

# start_haproxy NAME: two threads, and every byte by splice: its best figures.
start_haproxy() {
    cat >"$dir/$1.cfg" <<CFG
global
    nbthread 2
    maxconn 5000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    option splice-request
    option splice-response
listen forward
    bind 127.0.0.1:${port[$1]}
    server service 127.0.0.1:${port[service]}
CFG
    start "$1" haproxy -db -f "$dir/$1.cfg"
    processes[$1]="--process haproxy=${pids[-1]}"
    ready "$1"
}

nginx_module=/usr/lib/nginx/modules/ngx_stream_module.so

start_nginx() {
    cat >"$dir/nginx.conf" <<CFG
load_module $nginx_module;
daemon off;
worker_processes 2;
pid $dir/nginx.pid;
error_log $dir/nginx-error.log;
events { worker_connections 8192; }
stream {
    server {
        listen 127.0.0.1:${port[nginx]};
        proxy_pass 127.0.0.1:${port[service]};
        proxy_timeout 1h;
        proxy_half_close on;
    }
}
CFG
    start nginx nginx -c "$dir/nginx.conf" -e "$dir/nginx-error.log"
    processes[nginx]="--process nginx=${pids[-1]}"
    ready nginx
}

start_socat() {
    start socat socat -b 65536 "TCP-LISTEN:${port[socat]},bind=127.0.0.1,reuseaddr,fork,nodelay,backlog=1024" \
        "TCP:127.0.0.1:${port[service]},nodelay"
    processes[socat]="--process socat=${pids[-1]}"
    ready socat
}

# The same way as through the relay: in by a client, through a server, out by another client. The cipher is one
# of the cheapest where the processor has AES.
start_ssh() {
    local options
    ssh-keygen -q -t ed25519 -N "" -C perf -f "$dir/host_key"
    ssh-keygen -q -t ed25519 -N "" -C perf -f "$dir/user_key"
    echo "[127.0.0.1]:${port[sshd]} $(cut -d' ' -f1,2 "$dir/host_key.pub")" >"$dir/known_hosts"
    cat >"$dir/sshd_config" <<CFG
ListenAddress 127.0.0.1:${port[sshd]}
HostKey $dir/host_key
AuthorizedKeysFile $dir/user_key.pub
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
CFG
    if ((EUID == 0)); then
        # Into which sshd locks its unprivileged part; the distribution's service makes it at boot.
        (umask 022 && mkdir -p /run/sshd)
    fi
    # It starts itself anew for each connection and wants to be called by its full path for that.
    start sshd "$(command -v sshd)" -D -e -f "$dir/sshd_config"
    processes[ssh]="--process sshd=${pids[-1]}"
    options=(-F none -i "$dir/user_key" -p "${port[sshd]}" -c aes128-gcm@openssh.com -N
        -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o Compression=no -o ExitOnForwardFailure=yes
        -o ConnectionAttempts=20 -o "UserKnownHostsFile=$dir/known_hosts" -o GlobalKnownHostsFile=none)
    start ssh-remote ssh "${options[@]}" -R "127.0.0.1:${port[ssh-middle]}:127.0.0.1:${port[service]}" "$(id -un)@127.0.0.1"
    processes[ssh]+=" --process ssh=${pids[-1]}"
    ready ssh-middle
    start ssh-local ssh "${options[@]}" -L "127.0.0.1:${port[ssh]}:127.0.0.1:${port[ssh-middle]}" "$(id -un)@127.0.0.1"
    processes[ssh]+=" --process ssh=${pids[-1]}"
    ready ssh
}

# make_key NAME: writes NAME.key and prints the key's hash for the relay.
make_key() {
    local made
    made=$("$dist/ptth-relay" keygen)
    sed -n 's/^key = "\(.*\)"$/\1/p' <<<"$made" >"$dir/$1.key"
    sed -n 's/^key_hash = "\(.*\)"$/\1/p' <<<"$made"
}

# make_certificate: for a relay on loopback, tls.pem and tls-key.pem, unless they are there.
make_certificate() {
    if [[ ! -e $dir/tls.pem ]]; then
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=relay \
            -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/tls-key.pem" -out "$dir/tls.pem" 2>"$dir/openssl.log"
    fi
}

# The relay's limits: raised for the idle tunnels. All else is as it comes.
limits="max_connections = 20000
max_tunnels = 5000
max_tunnels_per_client = 5000"

# Further keys of the client-side proxies that are started.
client_keys=

# configure_ptth NAME: writes the configuration of a relay and its two proxies, NAME-relay.toml, NAME-server.toml and
# NAME-client.toml. Where the name ends in -tls they speak TLS.
configure_ptth() {
    local name=$1 relay_port=${port[$1-relay]} scheme=http relay_tls= proxy_tls=
    if [[ $name == *-tls ]]; then
        make_certificate
        scheme=https
        relay_tls="[tls]
certificate = \"$dir/tls.pem\"
private_key = \"$dir/tls-key.pem\""
        proxy_tls="[tls]
ca_file = \"$dir/tls.pem\""
    fi
    cat >"$dir/$name-relay.toml" <<TOML
listen = ["${relay_address[listen]}:$relay_port"]

$relay_tls

[limits]
$limits

[[server]]
name = "home"
key_hash = "$(make_key "$name-server")"

[[client]]
name = "laptop"
key_hash = "$(make_key "$name-client")"
allow = ["home/*"]
TOML
    cat >"$dir/$name-server.toml" <<TOML
relay = "$scheme://${relay_address[server]}:$relay_port/v1"
key_file = "$dir/$name-server.key"
max_tunnels = 5000

$proxy_tls

[[port]]
name = "service"
target = "127.0.0.1:${port[service]}"
TOML
    cat >"$dir/$name-client.toml" <<TOML
relay = "$scheme://${relay_address[client]}:$relay_port/v1"
key_file = "$dir/$name-client.key"
max_tunnels = 5000
$client_keys

$proxy_tls

[[forward]]
listen = "127.0.0.1:${port[$name]}"
to = "home/service"
TOML
}

# shorten_timeouts NAME: spare connections are gone soon, so that what is still there a little later has leaked; half a
# head ends sooner than those who send it wait for; nobody waits long for a server that is being started again.
shorten_timeouts() {
    local party
    sed -i '1i connect_wait = 3' "$dir/$1-client.toml"
    printf '\n[timeouts]\nkeep_alive = 8\nhead = 2\n' >>"$dir/$1-relay.toml"
    for party in server client; do
        printf '\n[timeouts]\nidle_connection = 1\n' >>"$dir/$1-$party.toml"
    done
}

# start_ptth NAME [VARIABLE=VALUE]: a relay and its two proxies with that in their environment.
start_ptth() {
    local name=$1
    local environment=(env "${@:2}")
    configure_ptth "$name"
    start "$name-relay" "${environment[@]}" "$dist/ptth-relay" run --config "$dir/$name-relay.toml" --drain 1
    processes[$name]="--process relay=${pids[-1]}"
    start "$name-server" "${environment[@]}" "$dist/ptth-proxy" server --config "$dir/$name-server.toml" --drain 1
    processes[$name]+=" --process server-proxy=${pids[-1]}"
    start "$name-client" "${environment[@]}" "$dist/ptth-proxy" client --config "$dir/$name-client.toml" --drain 1
    processes[$name]+=" --process client-proxy=${pids[-1]}"
    ready "$name"
}

# measure ROUND CHAIN FILE COMMAND [ARGUMENT]...: one measurement of a chain; its figures go to the file.
measure() {
    local round=$1 chain=$2 file=$3 figures
    local arguments=("${@:4}" --to "127.0.0.1:${port[$chain]}")
    local -a with=()
    case $4 in
        stream | idle) read -r -a with <<<"${processes[$chain]}" ;;
    esac
    figures=$("$load" "${arguments[@]}" "${with[@]}") || fail "$chain: ptth-load ${*:4} failed"
    say "round $round  $(printf '%-10s' "$chain") ${figures//[$'\t\n']/ }"
    while IFS= read -r line; do
        printf '%s\t%s\t%s\n' "$round" "${chain#idle-}" "$line" >>"$file"
    done <<<"$figures"
}

# As measure_idle calls it.
start_ptth-tls() {
    start_ptth "$1"
}

# measure_idle ROUND CHAIN FILE COUNT: memory, of processes that have done nothing else; haproxy, ptth or ptth-tls.
measure_idle() {
    local before=${#pids[@]} own
    "start_$2" "idle-$2"
    measure "$1" "idle-$2" "$3" idle --count "$4" --seconds 2
    own=("${pids[@]:before}")
    stop "${own[@]}"
    pids=("${pids[@]:0:before}")
}

# takes_nothing DURATION ARGUMENT...: the head of scripts that have no options and print a table.
takes_nothing() {
    local duration=$1
    shift
    (($# == 0)) && return
    echo "Usage: perf/$me    prints a table; takes about $duration, and wants a machine that does nothing else" >&2
    [[ $1 == -h || $1 == --help ]] || exit 2
    exit 0
}

# compare_chains FILE NAME=CHAIN|NAME=CHAIN/CHAIN...: a table of the figures that measure wrote to the file. A column of a chain is
# the median of its rounds, one of two chains the median of the rounds' ratios.
compare_chains() {
    awk -F '\t' -v columns="$(IFS=';' && echo "${*:2}")" '
        { value[$3, $2, $1] = $4; if (!($3 in seen)) { seen[$3]; figures[++count] = $3 } }
        function median(list, n,    i, j, t) {
            if (n == 0) return "-"
            for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
            return sprintf("%.3g", n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2)
        }
        # Of one chain, or of one by another.
        function cell(figure, chain, by,    i, n, list) {
            for (i = 1; i <= 99; i++) {
                if (!((figure, chain, i) in value)) continue
                if (by == "") list[++n] = value[figure, chain, i]
                else if (value[figure, by, i] > 0) list[++n] = value[figure, chain, i] / value[figure, by, i]
            }
            return median(list, n)
        }
        END {
            last = split(columns, column, ";")
            line = sprintf("%-32s", "figure")
            for (c = 1; c <= last; c++) {
                split(column[c], named, "=")
                split(named[2], chains, "/")
                of[c] = chains[1]
                by[c] = named[2] ~ /\// ? chains[2] : ""
                line = line sprintf(" %13s", named[1])
            }
            print line
            for (f = 1; f <= count; f++) {
                line = sprintf("%-32s", figures[f])
                for (c = 1; c <= last; c++) line = line sprintf(" %13s", cell(figures[f], of[c], by[c]))
                print line
            }
        }' "$1"
}

# describe: lines about this machine, this commit and HAProxy.
describe() {
    describe_machine
    echo "HAProxy: $(haproxy -v 2>/dev/null | sed -n '1s/.*version \([^ ]*\).*/\1/p'), tcp mode, 2 threads, splice-request, splice-response"
}

# describe_machine: lines about this machine and this commit.
describe_machine() {
    local commit
    commit=$(git rev-parse --short HEAD)
    if [[ -n $(git status --porcelain --untracked-files=no) ]]; then
        commit+=" with uncommitted changes"
    fi
    echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1 | tr -s ' '), $(nproc) cores, $(uname -srm)"
    echo "commit: $commit"
    echo "load average before the run: $(cut -d' ' -f1-3 /proc/loadavg)"
}
