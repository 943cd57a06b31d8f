#!/usr/bin/env bash
# rootfs.sh FOLDER EXECUTABLE: puts all that EXECUTABLE needs into FOLDER, the root of a container, and nothing else: no shell, no
# package manager. The libraries are this machine's.
set -euo pipefail

(($# == 2)) || {
    echo "Usage: rootfs.sh FOLDER EXECUTABLE" >&2
    exit 2
}
root=$1
executable=$2

install -D -m 755 "$executable" "$root/usr/bin/${executable##*/}"

libraries_of() {
    ldd "$1" | grep -o '/[^ ]*'
}

# OpenSSL is loaded by name when it is first used, so that the executable does not tell of it.
openssl=$(ldconfig -p | sed -n 's/.* => \(.*\/lib\(ssl\|crypto\)\.so\.3\)$/\1/p')
[[ $openssl ]] || {
    echo "rootfs.sh: OpenSSL 3 is missing: install libssl3" >&2
    exit 1
}
for file in "$executable" $openssl; do
    [[ $file == "$executable" ]] || echo "$file"
    libraries_of "$file"
done | sort -u | while IFS= read -r library; do
    install -D -m 755 "$(readlink -f "$library")" "$root$library"
done

# What the proxies trust a relay by.
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install -d -m 755 "$root/etc/ptth"
install -d -m 1777 "$root/tmp"
echo 'ptth:x:65532:65532:PtthRaw:/:/nonexistent' >"$root/etc/passwd"
echo 'ptth:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
