# The packages as files. Sourced by packaging/test.sh.

# Any time will do, as long as it is the same one.
export SOURCE_DATE_EPOCH=1767225600

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)

packages_are_built() {
    local program architecture
    rm -f dist/*.deb
    packaging/deb.sh linux-x64 linux-arm64
    for program in ptth-relay ptth-proxy; do
        [[ $("dist/linux-x64/$program" --version) == "$program $version" ]] || no "$program has another version than its package"
        for architecture in amd64 arm64; do
            [[ $(dpkg-deb --field "dist/${program}_${version}_$architecture.deb" Architecture) == "$architecture" ]]
        done
    done
}

packages_are_reproducible() {
    sha256sum dist/*_amd64.deb >"$work/sums"
    # In another folder, later, by somebody whose files nobody else may read.
    cp -r --parents dist/linux-x64 docs packaging Directory.Build.props "$work/"
    (umask 077; "$work/packaging/deb.sh" linux-x64)
    (cd "$work" && sha256sum -c sums)
}

lintian_is_silent() {
    local said
    # Of what it says it tells itself when it is root; the packages are made by whoever builds them.
    said=$(lintian --allow-root dist/*.deb 2>&1 | grep -v 'running with root privileges' || true)
    [[ ! $said ]] || no "$said"
}

packages_have_their_files() {
    local list program
    for program in ptth-relay ptth-proxy; do
        list=$(dpkg-deb --contents "dist/${program}_${version}_amd64.deb")
        expect "$program" "$list" "./usr/bin/$program" "man1/$program.1.gz" "man5/$program.toml.5.gz" "completions/$program" \
            "vendor-completions/_$program" "vendor_completions.d/$program.fish" "doc/$program/copyright" "doc/$program/operations.md.gz"
        [[ ! $(awk '$2 != "root/root"' <<<"$list") ]] || no "not all of $program is root's"
        [[ ! $(grep -E '^.....w|^........w' <<<"$list") ]] || no "others may write in $program"
    done
}
