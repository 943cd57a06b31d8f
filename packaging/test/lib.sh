# What the tests of the packages share: counting, programs that are started and ended, one tunnel. Sourced by packaging/test.sh, whose
# network is one of its own: the ports are free.

passed=0
failed=0

# check NAME COMMAND...: one test. What it prints is shown where it fails.
check() {
    local name=$1
    shift
    # Not in a condition of this shell: "set -e" would be off in all of the command.
    (set -euo pipefail; trap end_all EXIT; "$@") >"$work/check.log" 2>&1 &
    if wait $!; then
        passed=$((passed + 1))
        echo "  ok      $name"
    else
        failed=$((failed + 1))
        echo "  FAILED  $name"
        sed 's/^/          /' "$work/check.log"
    fi
}

# What a check has started and not ended, since it failed: the next one needs the ports.
end_all() {
    local status=$? process
    for process in $(jobs -p); do
        # Under strace the program is its child.
        kill -KILL $(pgrep -P "$process") "$process" 2>/dev/null || true
    done
    wait
    exit "$status"
}

# A check that fails says why.
no() {
    echo "$*" >&2
    exit 1
}

# expect WHAT TEXT PATTERN...: every pattern is somewhere in the text.
expect() {
    local what=$1 text=$2 pattern
    shift 2
    for pattern; do
        [[ $text == *"$pattern"* ]] || no "$what lacks '$pattern':
$text"
    done
}

# start NAME COMMAND...: starts one of the programs and waits until it is ready. Its process is pids[NAME], its log NAME.log.
declare -A pids=()
start() {
    local name=$1 line
    shift
    mkfifo "$work/$name.fifo"
    "$@" 2>"$work/$name.fifo" &
    pids[$name]=$!
    exec {log}<"$work/$name.fifo"
    rm "$work/$name.fifo"
    : >"$work/$name.log"
    # The log ends where the program does; one that says nothing is given up.
    while IFS= read -r -t 60 -u "$log" line; do
        echo "$line" >>"$work/$name.log"
        if [[ $line == *" ready: "* ]]; then
            cat <&"$log" >>"$work/$name.log" &
            exec {log}<&-
            return
        fi
    done
    cat "$work/$name.log"
    no "$name was not ready: $*"
}

# drain NAME...: asks each to end, and expects it to within its drain, with exit code 0.
drain() {
    local name status
    for name; do
        # Under strace the program is its child.
        kill -TERM "$(pgrep -P "${pids[$name]}" || echo "${pids[$name]}")"
        timeout 30 tail -s 0.1 --pid "${pids[$name]}" -f /dev/null || { cat "$work/$name.log"; no "$name did not end"; }
        status=0
        wait "${pids[$name]}" || status=$?
        ((status == 0)) || { cat "$work/$name.log"; no "$name ended with $status"; }
    done
}

# exchange PORT: sends a file each way between PORT and a service on 2299, both ends closed cleanly, and compares them.
exchange() {
    local service
    head -c 3000000 /dev/urandom >"$work/up"
    head -c 2000000 /dev/urandom >"$work/down"
    nc -N -l 127.0.0.1 2299 <"$work/down" >"$work/up.received" &
    service=$!
    until [[ $(ss -Hltn 'sport = :2299') ]]; do
        kill -0 "$service" || no "the service does not listen"
    done
    timeout 60 nc -N 127.0.0.1 "$1" <"$work/up" >"$work/down.received" || no "nothing came through the tunnel in time"
    wait "$service"
    cmp "$work/up" "$work/up.received"
    cmp "$work/down" "$work/down.received"
}

# make_keys FOLDER RELAY...: keys and a configuration of a relay with the server "home" and the client "laptop", made by the relay itself.
make_keys() {
    local folder=$1 party
    shift
    mkdir -p "$folder"
    for party in home laptop; do
        (umask 077; "$@" keygen | sed -n 's/^key = "\(.*\)"$/\1/p' >"$folder/$party.key")
    done
    cat >"$folder/relay.toml" <<TOML
listen = ["127.0.0.1:8080"]
[[server]]
name = "home"
key_hash = "$("$@" hash <"$folder/home.key")"
[[client]]
name = "laptop"
key_hash = "$("$@" hash <"$folder/laptop.key")"
allow = ["home/*"]
TOML
}

# tunnel FOLDER RELAY PROXY: one tunnel through programs that are called in these ways, each an array's name; drained at the end. The
# keys in the folder belong to the user in owner, root without one.
tunnel() {
    local folder=$1
    local -n relay_command=$2 proxy_command=$3
    make_keys "$folder" "${relay_command[@]}"
    chown -R "${owner-0}" "$folder"
    start relay "${relay_command[@]}" run --config "$folder/relay.toml"
    start server "${proxy_command[@]}" server --relay http://127.0.0.1:8080 --key-file "$folder/home.key" --port echo=127.0.0.1:2299
    start client "${proxy_command[@]}" client --relay http://127.0.0.1:8080 --key-file "$folder/laptop.key" -L 2200=home/echo
    exchange 2200
    drain client server relay
}
