# The packages, installed with apt in a small Debian of their own. Sourced by packaging/test.sh; each of these goes on where the one
# before ended.

root=$work/debian

# inside COMMAND...: in that Debian, as its root.
inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# All files of that Debian but those of dpkg, apt and the kernel, to compare.
files_inside() {
    (cd "$root" && find . -path ./proc -prune -o -path ./dev -prune -o -path ./packages -prune -o -path ./var/lib/dpkg -prune -o \
        -path ./var/lib/apt -prune -o -path ./var/cache -prune -o -path ./var/log -prune -o -printf '%p %m %U\n' | sort)
}

packages_install() {
    mkdir "$root"
    tar -C "$root" -xf "$PTTH_DEBIAN_CHROOT"
    mount --bind /proc "$root/proc"
    mount --bind /dev "$root/dev"
    mkdir "$root/packages"
    cp dist/*_amd64.deb "$root/packages/"
    files_inside >"$work/before"
    # Nothing is downloaded: what the packages need is in that Debian.
    inside sh -c 'apt-get install -y --no-install-recommends /packages/*.deb' | tee "$work/install.log"
    expect "what is printed" "$(cat "$work/install.log")" /etc/ptth/keys/home.key /etc/ptth/keys/laptop.key
    [[ $(inside ptth-relay --version) == "ptth-relay $version" ]]
    [[ $(inside ptth-proxy --version) == "ptth-proxy $version" ]]
    [[ -L $root/etc/systemd/system/multi-user.target.wants/ptth-relay.service ]] || no "the relay is not enabled"
    [[ ! -e $root/etc/systemd/system/multi-user.target.wants/ptth-proxy-server.service ]] || no "a proxy without a configuration is enabled"
}

first_configuration_is_good() {
    local party
    expect "the check" "$(inside ptth-relay check --config /etc/ptth/relay.toml 2>&1)" "/etc/ptth/relay.toml is valid" \
        "server home" "client laptop may reach home/*"
    [[ $(inside ptth-relay check --config /etc/ptth/relay.toml 2>&1) != *note:* ]] || no "the check has something to note"
    [[ $(stat -c '%a %U' "$root/etc/ptth/keys") == "700 root" ]]
    for party in home laptop; do
        [[ $(stat -c '%a %U' "$root/etc/ptth/keys/$party.key") == "600 root" ]]
        grep -qF "$(inside ptth-relay hash <"$root/etc/ptth/keys/$party.key")" "$root/etc/ptth/relay.toml"
    done
    ! grep -q ptth_ "$root/etc/ptth/relay.toml" || no "there is a key in it"
    ! cmp "$root/etc/ptth/keys/home.key" "$root/etc/ptth/keys/laptop.key" || no "both have the same key"
}

# start_unit NAME: what systemd would do with the unit, as far as the program sees it: its own user, its credentials, its command.
start_unit() {
    local unit=$root/usr/lib/systemd/system/$1.service credentials=/run/credentials/$1.service entry command
    mkdir -p "$root$credentials"
    while IFS= read -r entry; do
        install -m 400 -o 65532 "$root${entry#*:}" "$root$credentials/${entry%%:*}"
    done < <(sed -n 's/^LoadCredential=//p' "$unit")
    command=$(sed -n 's/^ExecStart=//p' "$unit")
    start "$1" env -i PATH=/usr/sbin:/usr/bin CREDENTIALS_DIRECTORY="$credentials" \
        chroot --userspec=65532:65532 "$root" /bin/sh -c "exec $command"
}

installed_programs_serve() {
    local side
    for side in server client; do
        sed -e 's/relay\.example/127.0.0.1/' -e 's/127\.0\.0\.1:22"/127.0.0.1:2299"/' \
            "$root/usr/share/doc/ptth-proxy/examples/$side.toml" >"$root/etc/ptth/$side.toml"
    done
    install -m 600 "$root/etc/ptth/keys/home.key" "$root/etc/ptth/server.key"
    install -m 600 "$root/etc/ptth/keys/laptop.key" "$root/etc/ptth/client.key"
    start_unit ptth-relay
    start_unit ptth-proxy-server
    start_unit ptth-proxy-client
    exchange 2222
    drain ptth-proxy-client ptth-proxy-server ptth-relay
}

upgrade_keeps_changes() {
    local newer=$work/newer program
    echo '# mine' >>"$root/etc/ptth/relay.toml"
    sha256sum "$root"/etc/ptth/*.* "$root"/etc/ptth/keys/* >"$work/mine"
    for program in ptth-relay ptth-proxy; do
        dpkg-deb --raw-extract "dist/${program}_${version}_amd64.deb" "$newer"
        sed -i 's/^Version: .*/&+1/' "$newer/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone --build "$newer" "$root/packages/$program-newer.deb"
        rm -r "$newer"
    done
    inside sh -c 'apt-get install -y --no-install-recommends /packages/*-newer.deb'
    [[ $(inside dpkg-query -W -f '${Version}' ptth-relay) == "$version+1" ]]
    sha256sum --quiet -c "$work/mine"
}

removal_keeps_configuration() {
    inside apt-get remove -y ptth-relay ptth-proxy
    [[ ! -e $root/usr/bin/ptth-relay ]]
    sha256sum --quiet -c "$work/mine"
    inside sh -c 'apt-get install -y --no-install-recommends /packages/*-newer.deb'
    sha256sum --quiet -c "$work/mine"
}

purge_leaves_nothing() {
    inside apt-get purge -y ptth-relay ptth-proxy
    rm -rf "$root/run/credentials"
    diff "$work/before" <(files_inside)
}
