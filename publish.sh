#!/usr/bin/env bash
# Publishes the programs as Native AOT executables: dist/RID/ptth-relay and dist/RID/ptth-proxy.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: ./publish.sh [RID]...

Publishes ptth-relay and ptth-proxy into dist/RID/, each a single stripped file.
RID is a .NET runtime identifier such as linux-x64 or linux-arm64; by default this machine's.
USAGE
}

fail() {
    echo "publish.sh: $*" >&2
    exit 1
}

case "${1-}" in
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")"

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (the command dotnet)"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# The portable name: a distribution's own SDK has one of its own, for which no runtime is published.
own=$(dotnet msbuild Ptth.Relay/Ptth.Relay.csproj -getProperty:NETCoreSdkPortableRuntimeIdentifier)
rids=("${@:-$own}")
for rid in "${rids[@]}"; do
    [[ $rid =~ ^[a-z0-9.-]+$ ]] || fail "'$rid' is not a runtime identifier; one looks like linux-x64"
done

has() {
    command -v "$1" >/dev/null
}

# need WHY PACKAGE...: installs packages where that may be done, and names them otherwise.
need() {
    local why=$1 as_root=()
    shift
    ((EUID == 0)) || as_root=(sudo -n)
    has apt-get && "${as_root[@]}" true 2>/dev/null || fail "$why: install $* (Debian's names), then run this again"
    echo "publish.sh: $why: installing $*"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "$@"
}

# linker_of RID: sets linker, what Native AOT has to know of the C compiler that drives the native linker at its end.
linker_of() {
    linker=()
    # For another processor clang takes the libraries and the binutils of the cross compiler; gcc cannot be told a target.
    if [[ $1 != "$own" && $1 == linux-arm64 ]]; then
        has clang || need "linking for arm64 needs clang" clang
        has aarch64-linux-gnu-gcc || need "linking for arm64 needs its libraries and binutils" gcc-aarch64-linux-gnu libc6-dev-arm64-cross
        linker=(-p:CppCompilerAndLinker=clang -p:ObjCopyName=aarch64-linux-gnu-objcopy)
    elif has clang; then
        :
    elif has gcc; then
        linker=(-p:CppCompilerAndLinker=gcc)
    else
        need "Native AOT needs a native linker, clang or gcc" clang zlib1g-dev
    fi
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

publish() {
    local rid=$1 name=$2 project=$3 file
    echo "publish.sh: $name for $rid"
    dotnet publish "$project/$project.csproj" -c Release -r "$rid" -o "$stage/$rid/$name" \
        -v quiet -warnaserror -warnnotaserror:NU1900 "${linker[@]}"
    file=$stage/$rid/$name/$name
    if [[ ! -f $file && -f $file.exe ]]; then
        file=$file.exe
    fi
    [[ -f $file ]] || fail "publishing $project gave no executable $name"
    mkdir -p "dist/$rid"
    # A new file takes the old one's name, so that a program that is running keeps its own.
    cp "$file" "dist/$rid/.$name.new"
    mv -f "dist/$rid/.$name.new" "dist/$rid/${file##*/}"
}

for rid in "${rids[@]}"; do
    linker_of "$rid"
    publish "$rid" ptth-relay Ptth.Relay
    publish "$rid" ptth-proxy Ptth.Proxy
    ls -l "dist/$rid"
done
