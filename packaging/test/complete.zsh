# complete.zsh FOLDER LINE: what zsh shows for LINE and the tab key, with the completions of FOLDER, in a terminal of its own.
zmodload zsh/zpty
zpty shell zsh -f -i
# read_until MARK: what the shell writes until the mark, which nothing that is typed holds as it stands.
read_until() {
    local piece
    while zpty -r shell piece; do
        print -r -- "$piece"
        [[ $piece == *$1* ]] && return
    done
}
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0; bindkey '^I' list-choices; PS1='MARK''>'"
read_until 'MARK>' >/dev/null
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-u'"print EN''D"$'\n'
read_until END
zpty -d shell
