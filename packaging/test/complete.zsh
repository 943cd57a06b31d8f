# complete.zsh FOLDER LINE: what zsh shows for LINE and the tab key, with the completions of FOLDER, in a terminal of its own.
zmodload zsh/zpty
zpty shell zsh -f -i
# Nothing that is typed holds a mark as it stands: it is the shell that writes it.
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0; bindkey '^I' list-choices; PS1='MARK''>'"
zpty -r shell ready '*MARK>*'
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-u'"print EN''D"$'\n'
zpty -r shell shown '*END*'
print -r -- "$shown"
zpty -d shell
