#!/usr/bin/env bash
# Tests the packages: the units, the man pages and completions, the packages themselves installed in a small Debian, the container's
# root, and the arm64 executables under qemu. Ends with a line "N passed, N failed".
set -euo pipefail

case "${1-}" in
    -h | --help)
        cat <<'USAGE'
Usage: packaging/test.sh

Tests the packages that it builds from dist/linux-x64 and dist/linux-arm64: run ./publish.sh linux-x64 linux-arm64 first.
It needs root, or sudo, for namespaces and chroots of its own; ./test.sh installs the programs that it uses.
USAGE
        exit 0
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
top=$PWD

# In namespaces of its own: its mounts and its ports are nobody else's, and go with it.
if [[ ${PTTH_PACKAGING_NAMESPACE-} != yes ]]; then
    as_root=()
    ((EUID == 0)) || as_root=(sudo --preserve-env=HOME,XDG_CACHE_HOME)
    debian=$("${as_root[@]}" packaging/test/debian.sh chroot)
    arm64=$(packaging/test/debian.sh arm64)
    exec "${as_root[@]}" env PTTH_PACKAGING_NAMESPACE=yes PTTH_DEBIAN_CHROOT="$debian" PTTH_DEBIAN_ARM64="$arm64" \
        unshare --mount --net --pid --fork --kill-child --mount-proc bash "$top/packaging/test.sh" "$@"
fi
ip link set lo up

work=$(mktemp -d)
mount -t tmpfs -o size=1g tmpfs "$work"
trap 'umount -l "$work" && rmdir "$work"' EXIT
for part in lib units documents debs installed container arm64; do
    # shellcheck source=/dev/null
    . "packaging/test/$part.sh"
done

echo "units"
check "systemd finds nothing wrong with the units" units_are_valid
check "each unit is closed off: an exposure of 2.0 at most" units_are_hardened
check "a relay and proxies with a tunnel do what their units let them, and write no code" programs_keep_to_their_units

echo "documents"
check "the man pages are clean" man_pages_are_clean
check "bash completes commands, options, files and values" bash_completes
check "fish completes commands, options, files and values" fish_completes
check "zsh completes commands, options, files and values" zsh_completes

echo "packages"
check "both packages are built for both architectures" packages_are_built
check "the same sources give the same packages" packages_are_reproducible
check "lintian finds nothing wrong" lintian_is_silent
check "each has what it should, root's, and nothing that others can write" packages_have_their_files

echo "packages, installed"
check "both install with apt in a fresh Debian" packages_install
check "the relay's first configuration is valid, and its keys are root's alone" first_configuration_is_good
check "the relay and both proxies run as their units say, and a tunnel carries bytes" installed_programs_serve
check "an upgrade keeps what the administrator changed" upgrade_keeps_changes
check "removing keeps the configuration, and installing again takes it up" removal_keeps_configuration
check "purging leaves nothing" purge_leaves_nothing

echo "container"
check "a tunnel through programs in the container's root, as its user" container_serves

echo "arm64"
check "an arm64 relay and arm64 proxies carry a tunnel's bytes, and drain" arm64_serves

echo "$passed passed, $failed failed"
((failed == 0))
