#!/usr/bin/env bash
# debian.sh chroot|arm64: makes what the tests run packages in, once, in the user's cache, and prints where it is.
#   chroot   a tarball of a small Debian 12, with what the packages depend on
#   arm64    a folder with the C library and OpenSSL for arm64, for programs under qemu
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ptthraw
suite=bookworm
# Where this machine has its own packages from.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
if [[ -z $mirror ]]; then
    echo "debian.sh: apt knows no source of $suite: the tests of packages need a machine that has one" >&2
    exit 1
fi
mkdir -p "$cache"
# Beside the result, so that it gets its name only when it is complete.
new=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$new"' EXIT

make_chroot() {
    timeout 400 debootstrap --variant=minbase --include=ca-certificates,libssl3 "$suite" "$new/root" "$mirror" >&2
    rm -rf "$new/root/var/cache/apt/archives" "$new/root/usr/share/locale"
    mkdir -p "$new/root/var/cache/apt/archives/partial"
    tar -C "$new/root" -cf "$new/tar" .
    mv "$new/tar" "$1"
}

# With an apt of its own: the machine's own architectures stay as they are.
make_arm64() {
    local apt=$new/apt deb
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$new/root"
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
    export APT_CONFIG=$apt/apt.conf
    timeout 120 apt-get -qq update >&2
    (cd "$apt/debs" && timeout 120 apt-get -qq download libc6:arm64 libssl3:arm64 >&2)
    for deb in "$apt"/debs/*.deb; do
        dpkg-deb -x "$deb" "$new/root"
    done
    mv "$new/root" "$1"
}

case ${1-} in
    chroot) made=$cache/$suite.tar ;;
    arm64) made=$cache/$suite-arm64 ;;
    *)
        echo "Usage: packaging/test/debian.sh chroot|arm64" >&2
        exit 2
        ;;
esac
[[ -e $made ]] || "make_$1" "$made"
echo "$made"
