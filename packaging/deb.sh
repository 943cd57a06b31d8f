#!/usr/bin/env bash
# Builds the Debian packages of both programs into dist/, from what publish.sh left there.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: packaging/deb.sh [RID]...

Builds dist/ptth-relay_VERSION_ARCHITECTURE.deb and dist/ptth-proxy_VERSION_ARCHITECTURE.deb from dist/RID/.
RID is linux-x64 or linux-arm64; by default those of the two that ./publish.sh was run for.
The same sources give the same packages, byte for byte: their time is the last commit's, or SOURCE_DATE_EPOCH.
USAGE
}

fail() {
    echo "deb.sh: $*" >&2
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

cd "$(dirname "${BASH_SOURCE[0]}")/.."
for program in dpkg-deb readelf; do
    command -v "$program" >/dev/null || fail "$program is missing: install dpkg and binutils"
done

rids=("$@")
if ((${#rids[@]} == 0)); then
    for rid in linux-x64 linux-arm64; do
        [[ ! -x dist/$rid/ptth-relay ]] || rids+=("$rid")
    done
    ((${#rids[@]} > 0)) || fail "there are no executables in dist/: run ./publish.sh first"
fi

# The one place of the version; the programs' --version is made from it too.
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
[[ $version =~ ^[0-9][0-9A-Za-z.+~-]*$ ]] || fail "Directory.Build.props has no version that a package can have: '$version'"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
# Several threads pack other bytes than one.
export SOURCE_DATE_EPOCH DPKG_DEB_THREADS_MAX=1
maintainer="PtthRaw maintainers <maintainers@ptthraw.example>"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022

# put MODE SOURCE TARGET: a file of the package that is being built.
put() {
    install -D -m "$1" "$2" "$tree/$3"
}

# put_packed SOURCE TARGET: the same, compressed. Without a name and a time in it, so that it is always the same.
put_packed() {
    mkdir -p "$(dirname "$tree/$2")"
    gzip -9n <"$1" >"$tree/$2"
}

# What both packages have: the executable, man pages, completions, units, documents.
common_files() {
    local page unit
    put 755 "dist/$rid/$package" "usr/bin/$package"
    for page in packaging/man/"$package"*; do
        put_packed "$page" "usr/share/man/man${page##*.}/${page##*/}.gz"
    done
    put 644 "packaging/completion/$package.bash" "usr/share/bash-completion/completions/$package"
    put 644 "packaging/completion/$package.zsh" "usr/share/zsh/vendor-completions/_$package"
    put 644 "packaging/completion/$package.fish" "usr/share/fish/vendor_completions.d/$package.fish"
    for unit in "${units[@]}"; do
        put 644 "packaging/systemd/$unit" "usr/lib/systemd/system/$unit"
    done
    put 644 packaging/debian/copyright "usr/share/doc/$package/copyright"
    put_packed docs/operations.md "usr/share/doc/$package/operations.md.gz"
    put_packed docs/security.md "usr/share/doc/$package/security.md.gz"
    put_packed docs/protocol.md "usr/share/doc/$package/protocol.md.gz"
    printf '%s (%s) stable; urgency=medium\n\n  * Built from the sources of version %s.\n\n -- %s  %s\n' \
        "$package" "$version" "$version" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" >"$stage/changelog"
    put_packed "$stage/changelog" "usr/share/doc/$package/changelog.gz"
}

relay_files() {
    local file
    # operations.md points to them by these names.
    for file in docs/behind/README.md docs/behind/*/*; do
        put 644 "$file" "usr/share/doc/ptth-relay/${file#docs/}"
    done
    put 644 packaging/config/relay.toml usr/share/ptth-relay/relay.toml
    put 644 packaging/config/tls.conf usr/share/doc/ptth-relay/examples/tls.conf
    put 644 packaging/systemd-socket/ptth-relay.socket usr/share/doc/ptth-relay/examples/systemd-socket/ptth-relay.socket
    put 644 packaging/systemd-socket/ptth-relay.service.d/socket.conf \
        usr/share/doc/ptth-relay/examples/systemd-socket/ptth-relay.service.d/socket.conf
}

proxy_files() {
    put 644 packaging/config/server.toml usr/share/doc/ptth-proxy/examples/server.toml
    put 644 packaging/config/client.toml usr/share/doc/ptth-proxy/examples/client.toml
}

# The version of the C library that the executable was linked for: it runs with that one and with later ones.
libc_version() {
    readelf --version-info --wide "dist/$rid/$package" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1 | cut -d _ -f 2
}

# control SHORT LONG: what dpkg is told of the package.
control() {
    local depends
    # OpenSSL is loaded by name when it is first used, so that nothing in the executable tells of it.
    depends="libc6 (>= $(libc_version)), libssl3 | libssl3t64 | libssl1.1, init-system-helpers (>= 1.54~)"
    [[ $package != ptth-proxy ]] || depends+=", ca-certificates"
    cat <<CONTROL
Package: $package
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size "$tree" | cut -f 1)
Depends: $depends
Section: net
Priority: optional
Description: $1
$(sed 's/^/ /' <<<"$2")
CONTROL
}

# build PACKAGE SHORT LONG
build() {
    local script unit
    package=$1
    tree=$stage/$package-$architecture
    units=()
    for unit in packaging/systemd/"$package"*; do
        units+=("${unit##*/}")
    done
    mkdir -p "$tree"
    common_files
    "${package#ptth-}_files"
    mkdir "$stage/DEBIAN"
    control "$2" "$3" >"$stage/DEBIAN/control"
    for script in postinst prerm postrm; do
        sed "s/@UNITS@/${units[*]}/" "packaging/debian/$package.$script" >"$stage/DEBIAN/$script"
        chmod 755 "$stage/DEBIAN/$script"
    done
    (cd "$tree" && find . -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
    mv "$stage/DEBIAN" "$tree/DEBIAN"
    dpkg-deb --root-owner-group -Zxz --build "$tree" "dist/${package}_${version}_$architecture.deb" >/dev/null
    echo "dist/${package}_${version}_$architecture.deb"
}

for rid in "${rids[@]}"; do
    case $rid in
        linux-x64) architecture=amd64 ;;
        linux-arm64) architecture=arm64 ;;
        *) fail "'$rid' has no Debian packages; linux-x64 and linux-arm64 have" ;;
    esac
    [[ -x dist/$rid/ptth-relay && -x dist/$rid/ptth-proxy ]] || fail "dist/$rid has no executables: run ./publish.sh $rid first"
    build ptth-relay "relay for TCP port forwarding over plain HTTP/1.1" \
"PtthRaw forwards TCP ports through a relay. Both ends open outgoing
connections only, and speak nothing but HTTP/1.1 to the relay, with or
without TLS. This is the relay; the proxies at both ends are in the package
ptth-proxy."
    build ptth-proxy "proxies for TCP port forwarding over plain HTTP/1.1" \
"PtthRaw forwards TCP ports through a relay. Both ends open outgoing
connections only, and speak nothing but HTTP/1.1 to the relay, with or
without TLS. These are the server-side and the client-side proxy; the relay
is in the package ptth-relay."
done
