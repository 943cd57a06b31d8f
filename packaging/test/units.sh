# The systemd units. Sourced by packaging/test.sh.

# With the executables of dist/, since those of the packages are not installed here.
units_are_valid() {
    local unit said
    mkdir "$work/units"
    for unit in packaging/systemd/*; do
        sed "s|/usr/bin/ptth-|$top/dist/linux-x64/ptth-|" "$unit" >"$work/units/${unit##*/}"
    done
    said=$(systemd-analyze verify --man=no "$work"/units/* 2>&1)
    [[ ! $said ]] || no "$said"
}

units_are_hardened() {
    local unit
    for unit in packaging/systemd/*.service; do
        systemd-analyze security --offline=true --threshold=20 --no-pager "$unit"
    done
}

# calls_of SET: the system calls of one of systemd's sets, with those of the sets in it.
calls_of() {
    local name
    systemd-analyze syscall-filter --no-pager "$1" | sed -n 's/^    \([@a-z0-9_-]\+\).*/\1/p' | while IFS= read -r name; do
        if [[ $name == @* ]]; then
            calls_of "$name"
        else
            echo "$name"
        fi
    done
}

# A system call that SystemCallFilter= denies, or memory that MemoryDenyWriteExecute= does, would end or hurt a service: no systemd runs
# here that could show it, so what the programs ask the kernel for is compared with what the units allow.
programs_keep_to_their_units() {
    local set refused relay proxy
    set=$(sed -n 's/^SystemCallFilter=//p' packaging/systemd/*.service | sort -u)
    [[ $set == $'@system-service\n~@privileged @resources' ]] || no "the units filter other calls than this test: $set"
    # shellcheck disable=SC2034 # Used by tunnel, by name.
    relay=(strace -f -qq -o "$work/relay.calls" dist/linux-x64/ptth-relay)
    # shellcheck disable=SC2034
    proxy=(strace -f -ff -qq -o "$work/proxy.calls" dist/linux-x64/ptth-proxy)
    tunnel "$work/traced" relay proxy
    cat "$work"/*.calls* | sed -n 's/^\([0-9]\+ \+\)\?\([a-z0-9_]\+\)(.*/\2/p' | sort -u >"$work/used"
    for set in splice epoll_wait sendto; do
        grep -qx "$set" "$work/used" || no "no $set among the calls: this test sees nothing"
    done
    refused=$(comm -23 "$work/used" <(comm -23 \
        <({ calls_of @system-service; calls_of @default; } | sort -u) \
        <({ calls_of @privileged; calls_of @resources; } | sort -u)))
    [[ ! $refused ]] || no "the units refuse these calls: $refused"
    # The loader's own mappings of libraries are read and execute from the beginning.
    ! grep -hE '(mmap|mprotect)\(.*(PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC)' "$work"/*.calls* || no "memory is made executable"
}
