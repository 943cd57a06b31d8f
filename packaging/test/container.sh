# The root of the container images. No container engine is asked for: the same tree is entered with chroot. Sourced by packaging/test.sh.

container_serves() {
    local root=$work/rootfs relay proxy
    packaging/container/rootfs.sh "$root" dist/linux-x64/ptth-relay
    packaging/container/rootfs.sh "$root" dist/linux-x64/ptth-proxy
    [[ ! -e $root/bin && ! -e $root/usr/bin/sh ]] || no "there is a shell"
    # A volume, at the same path inside and outside.
    mkdir -p "$root$work/volume" "$work/volume"
    mount --bind "$work/volume" "$root$work/volume"
    # shellcheck disable=SC2034 # Used by tunnel, by name.
    relay=(chroot --userspec=65532:65532 "$root" /usr/bin/ptth-relay)
    # shellcheck disable=SC2034
    proxy=(chroot --userspec=65532:65532 "$root" /usr/bin/ptth-proxy)
    owner=65532 tunnel "$work/volume" relay proxy
}
