# The arm64 executables on whatever machine this is. Sourced by packaging/test.sh.

arm64_serves() {
    # shellcheck disable=SC2034 # Used by tunnel, by name.
    local relay=(qemu-aarch64-static -L "$PTTH_DEBIAN_ARM64" dist/linux-arm64/ptth-relay)
    # shellcheck disable=SC2034
    local proxy=(qemu-aarch64-static -L "$PTTH_DEBIAN_ARM64" dist/linux-arm64/ptth-proxy)
    [[ $(readelf -h dist/linux-arm64/ptth-relay) == *AArch64* ]]
    tunnel "$work/arm64" relay proxy
}
