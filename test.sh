#!/usr/bin/env bash
# Installs what the tests need where it is missing, publishes the executables, runs all tests.
# The last line is "N passed, N failed"; the exit code is 0 only when none failed.
set -euo pipefail

case "${1-}" in
    -h | --help)
        cat <<'USAGE'
Usage: ./test.sh [ARGUMENT]...

Runs all tests. Arguments go to the test runner, for example:
  ./test.sh --filter FullyQualifiedName~EndToEnd
A failed test prints its seed; PTTH_TEST_SEED=N ./test.sh ... runs with that seed.
USAGE
        exit 0
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")"
# A script that starts this in the background has its programs ignore SIGINT, and some tests send it.
if [[ -z ${PTTH_TEST_SIGNALS-} ]]; then
    PTTH_TEST_SIGNALS=default exec env --default-signal=INT,QUIT ./test.sh "$@"
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

work=$(mktemp -d)
policy=
trap finish EXIT
# A signal ends the script like a failure, by way of its own end.
trap 'exit 130' INT
trap 'exit 143' TERM

# What waits, for minutes or again and again, and needs little else.
resting=(Behind.IdleTests Behind.BreakTests Behind.DoctorTests EndToEnd.DoctorPathTests EndToEnd.LivenessTests)
idle=
complete=0
passed=0
failed=0

# Prints the last line, also when something before the tests went wrong: then that is the one failure.
finish() {
    local status=$?
    trap - EXIT
    set +e
    if [[ -n $policy ]]; then
        "${as_root[@]}" rm -f "$policy"
    fi
    if [[ -n $idle ]]; then
        kill "$idle"
        wait "$idle" 2>/dev/null
    fi
    rm -rf "$work"
    # What did not run to its end has not passed, whatever was counted.
    if (((status != 0 || !complete) && failed == 0)); then
        failed=1
    fi
    if ((!complete && status == 0)); then
        status=1
    fi
    echo "$passed passed, $failed failed"
    exit "$status"
}

fail() {
    echo "test.sh: $*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]]
}

# The real programs at both ends of the tunnel, those that stand in between, and what packages are looked at and tried with. They are
# started by the tests themselves, on ports of their own; the services of these packages are not used.
needed=()
has ssh && has scp && has ssh-keygen || needed+=(openssh-client)
has sshd || needed+=(openssh-server)
has curl || needed+=(curl)
# Its promtool judges the relay's metrics.
has promtool || needed+=(prometheus)
has nginx || needed+=(nginx)
has squid || needed+=(squid)
has tinyproxy || needed+=(tinyproxy)
has openssl || needed+=(openssl)
has haproxy || needed+=(haproxy)
has caddy || needed+=(caddy)
has apache2 || needed+=(apache2)
has lighttpd && [[ -e /usr/lib/lighttpd/mod_openssl.so ]] || needed+=(lighttpd lighttpd-mod-openssl)
has redis-server || needed+=(redis-server)
has redis-benchmark && has redis-cli || needed+=(redis-tools)
has chromium || needed+=(chromium)
has script || needed+=(bsdutils)
has debootstrap || needed+=(debootstrap)
has strace || needed+=(strace)
has ip && has ss || needed+=(iproute2)
has nft || needed+=(nftables)
has pgrep || needed+=(procps)
has readelf || needed+=(binutils)
has qemu-aarch64-static || needed+=(qemu-user-static)
has systemd-analyze || needed+=(systemd)
has mandoc || needed+=(mandoc)
has lintian || needed+=(lintian)
has fish || needed+=(fish)
has zsh || needed+=(zsh)
{ has nc && nc -h 2>&1 | grep -q OpenBSD; } || needed+=(netcat-openbsd)

as_root=()
if ((EUID != 0)); then
    as_root=(sudo)
fi
if ((${#needed[@]} > 0)); then
    has apt-get || fail "the tests need these programs (Debian's names): ${needed[*]}; install them, then run this again"
    ((EUID == 0)) || has sudo || fail "run this as root once, or install: ${needed[*]}"
    echo "test.sh: installing ${needed[*]}"
    # Without a policy of the machine's own, this one keeps the packages from starting their services.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$work/policy-rc.d"
        policy=/usr/sbin/policy-rc.d
        "${as_root[@]}" install -m 755 "$work/policy-rc.d" "$policy"
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends -y "${needed[@]}" >"$work/apt.log" 2>&1 ||
        { cat "$work/apt.log" >&2; fail "apt-get could not install ${needed[*]}"; }
    if [[ -n $policy ]]; then
        "${as_root[@]}" rm -f "$policy"
        policy=
    fi
fi

# The packages are those of both architectures, made on the one of them that can run both.
packages=no
if (($# == 0)) && has apt-get && [[ $(uname -m) == x86_64 ]]; then
    packages=yes
    ./publish.sh linux-x64 linux-arm64
else
    ./publish.sh
fi

status=0
settings=test.runsettings

# The runner's summary; a test host that crashed leaves zeros there, or nothing.
count() {
    local number
    number=$(sed -n "s/^ *$1: *\([0-9][0-9]*\)\$/\1/p" "$work/tests.log" | tail -n 1)
    echo "${number:-0}"
}

# run_tests ARGUMENT...: runs tests and adds up how they went.
run_tests() {
    dotnet test --project Ptth.Tests/Ptth.Tests.csproj -c Release --timeout 25m --settings "Ptth.Tests/$settings" "$@" 2>&1 | tee "$work/tests.log" || status=$?
    add_counts
}

add_counts() {
    passed=$((passed + $(count succeeded)))
    failed=$((failed + $(count failed)))
}

if (($# > 0)); then
    run_tests "$@"
else
    # Tunnels that rest for five minutes behind reverse proxies, or break there, cables that are out, peers that fall silent: beside all others, and together.
    dotnet build Ptth.Tests/Ptth.Tests.csproj -c Release
    only=
    others=
    for fixture in "${resting[@]}"; do
        only+="|FullyQualifiedName~$fixture"
        others+="&FullyQualifiedName!~$fixture"
    done
    export PTTH_BEHIND_NOTES=$work/behind
    # Each run has notes of its own: two that append to one file at the same time may lose a line.
    : >"$work/behind.resting"
    PTTH_BEHIND_NOTES=$work/behind.resting PTTH_BEHIND_IDLE_SECONDS=300 dotnet Ptth.Tests/bin/Release/net10.0/Ptth.Tests.dll --no-ansi --timeout 25m \
        --settings Ptth.Tests/resting.runsettings --filter "${only#|}" >"$work/idle.log" 2>&1 &
    idle=$!
    run_tests --no-build --filter "${others#&}"
fi
# Whatever carries bytes must do so by copying too: where the kernel cannot splice, or is told not to. Of the programs as a whole
# those tests that move little copy anyway.
if (($# == 0)); then
    bulk=
    for fixture in BackPressure Bulk Fault RealProgram StreamEnd; do
        bulk+="|FullyQualifiedName~EndToEnd.$fixture"
    done
    echo "test.sh: once more without splice: flows, and the programs as a whole where they move much"
    PTTH_SPLICE=0 run_tests --no-build --filter "FullyQualifiedName~Ptth.Tests.Flow$bulk"
    # Those of the harness have no relay, those of TLS itself and of companies' proxies are over it already, nginx in between ends it, and what
    # rests or is examined says itself how.
    echo "test.sh: once more over TLS: the programs as a whole"
    # Half of these wait; those that do not run alone whatever the settings.
    settings=resting.runsettings
    PTTH_TEST_TLS=1 run_tests --no-build --filter "FullyQualifiedName~EndToEnd&FullyQualifiedName!~HarnessTests&FullyQualifiedName!~TlsTests&FullyQualifiedName!~CompanyProxy&FullyQualifiedName!~IdleCutTests&FullyQualifiedName!~EndToEnd.Segment&FullyQualifiedName!~Doctor&FullyQualifiedName!~LivenessTests"
fi

# Whole programs under a little of everything, killed parties included. Its report is in the output where it fails.
if (($# == 0)); then
    echo "test.sh: the soak in its short form"
    if perf/soak.sh 0.15 --seed 1 --no-publish >"$work/soak.md" 2>"$work/soak.log"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        cat "$work/soak.log" "$work/soak.md"
    fi
fi

# It counts for itself, in its last line.
if [[ $packages == yes ]]; then
    echo "test.sh: the packages"
    packaging/test.sh 2>&1 | tee "$work/packaging.log" || true
    if [[ $(tail -n 1 "$work/packaging.log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1))
    fi
fi

# What README says of the reverse proxies is what came of the tests.
if (($# == 0)); then
    wait "$idle" || status=$?
    idle=
    cp "$work/idle.log" "$work/tests.log"
    cat "$work/idle.log"
    add_counts
    cat "$work/behind.resting" >>"$work/behind"
    perf/behind.sh --table "$work/behind" >"$work/table.md"
    for document in README.md docs/behind/README.md; do
        if awk 'NR == FNR { wanted[++lines] = $0; next } { met = $0 == wanted[met + 1] ? met + 1 : $0 == wanted[1]; if (met == lines) found = 1 }
                END { exit !found }' "$work/table.md" "$document"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "test.sh: the table of reverse proxies in $document is not what the tests found:"
            cat "$work/table.md"
        fi
    done
fi

complete=1
if ((status != 0 || failed > 0)); then
    exit 1
fi
