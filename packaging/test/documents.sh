# Man pages and completions. Sourced by packaging/test.sh. That they name all options and keys is tested in Ptth.Tests/Packaging.

man_pages_are_clean() {
    local page
    for page in packaging/man/*; do
        mandoc -T lint -W warning "$page"
    done
}

# Each shell completes in a folder with one file that a configuration could be.
completion_folder() {
    mkdir -p "$work/complete"
    : >"$work/complete/home.toml"
    cd "$work/complete"
}

# bash_shows LINE...: what bash would offer for the last word.
bash_shows() {
    bash --norc -c '
        . "$1"
        shift
        # Without readline there is nothing to set.
        compopt() { :; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "_${1//-/_}"
        echo "${COMPREPLY[*]}"' bash "$top/packaging/completion/$1.bash" "$@"
}

bash_completes() {
    completion_folder
    expect commands "$(bash_shows ptth-relay "")" run check keygen hash
    [[ $(bash_shows ptth-relay k) == keygen ]]
    expect "options of run" "$(bash_shows ptth-relay run --)" --config --listen --drain --log-level
    [[ $(bash_shows ptth-relay --log-level debug run --dr) == --drain ]]
    [[ $(bash_shows ptth-relay run --config h) == home.toml ]]
    [[ $(bash_shows ptth-proxy client --log-level d) == debug ]]
    expect "options of client" "$(bash_shows ptth-proxy client -)" -L --relay --key-file
    [[ $(bash_shows ptth-proxy client --port) == "" ]]
    # The very function that the shell would call is the registered one.
    expect registration "$(bash --norc -c '. "$1"; complete -p ptth-proxy' bash "$top/packaging/completion/ptth-proxy.bash")" "-F _ptth_proxy"
}

# fish_shows LINE: what fish offers.
fish_shows() {
    HOME=$work fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$top/packaging/completion/${1%% *}.fish" "$1"
}

fish_completes() {
    completion_folder
    expect commands "$(fish_shows 'ptth-relay ')" run check keygen hash
    [[ $(fish_shows "ptth-relay k") == keygen* ]]
    expect "options of run" "$(fish_shows 'ptth-relay run --')" --config --listen --drain --log-level
    expect files "$(fish_shows 'ptth-relay run --config h')" home.toml
    [[ $(fish_shows "ptth-proxy client --log-level d") == debug* ]]
    expect "options of client" "$(fish_shows 'ptth-proxy client -')" -L --relay --key-file
    [[ $(fish_shows "ptth-proxy client --por") == "" ]]
}

# zsh_shows LINE: what zsh shows for it.
zsh_shows() {
    timeout 30 zsh -f "$top/packaging/test/complete.zsh" "$work/complete-zsh" "$1"
}

zsh_completes() {
    local program
    mkdir "$work/complete-zsh"
    for program in ptth-relay ptth-proxy; do
        cp "packaging/completion/$program.zsh" "$work/complete-zsh/_$program"
    done
    completion_folder
    expect commands "$(zsh_shows 'ptth-relay ')" "run " "check " "keygen " "hash "
    expect "options of run" "$(zsh_shows 'ptth-relay run --')" --config --listen --drain --log-level
    expect files "$(zsh_shows 'ptth-relay run --config ')" home.toml
    expect levels "$(zsh_shows 'ptth-proxy client --log-level ')" debug warn
    expect "options of client" "$(zsh_shows 'ptth-proxy client -')" -L --relay --key-file
}
