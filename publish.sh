#!/usr/bin/env bash
# Publishes the programs as Native AOT executables: dist/RID/ptth-relay and dist/RID/ptth-proxy.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: ./publish.sh [RID]

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
if (($# > 1)); then
    usage >&2
    exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")"

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install .NET 10 (the command dotnet)"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

rid=${1-}
if [[ -z $rid ]]; then
    # The portable name: a distribution's own SDK has one of its own, for which no runtime is published.
    rid=$(dotnet msbuild Ptth.Relay/Ptth.Relay.csproj -getProperty:NETCoreSdkPortableRuntimeIdentifier)
fi
[[ $rid =~ ^[a-z0-9.-]+$ ]] || fail "'$rid' is not a runtime identifier; one looks like linux-x64"

# Native AOT ends with a native linker, driven by a C compiler.
linker=()
if command -v clang >/dev/null; then
    :
elif command -v gcc >/dev/null; then
    linker=(-p:CppCompilerAndLinker=gcc)
else
    as_root=()
    if ((EUID != 0)); then
        as_root=(sudo -n)
    fi
    if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
        echo "publish.sh: no native linker: installing clang and zlib1g-dev"
        "${as_root[@]}" apt-get update -qq
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y clang zlib1g-dev
    else
        fail "Native AOT needs a native linker: install clang and zlib1g-dev (or gcc), then run this again"
    fi
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

for program in relay:Ptth.Relay proxy:Ptth.Proxy; do
    name=ptth-${program%%:*}
    project=${program#*:}
    echo "publish.sh: $name for $rid"
    dotnet publish "$project/$project.csproj" -c Release -r "$rid" -o "$stage/$name" \
        -v quiet -warnaserror -warnnotaserror:NU1900 "${linker[@]}"
    file=$stage/$name/$name
    if [[ ! -f $file && -f $file.exe ]]; then
        file=$file.exe
    fi
    [[ -f $file ]] || fail "publishing $project gave no executable $name"
    mkdir -p "dist/$rid"
    # A new file takes the old one's name, so that a program that is running keeps its own.
    cp "$file" "dist/$rid/.$name.new"
    mv -f "dist/$rid/.$name.new" "dist/$rid/${file##*/}"
done

ls -l "dist/$rid"
