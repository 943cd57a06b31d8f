# bash completion of ptth-relay

_ptth_relay() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            run | check | keygen | hash | status)
                command=$word
                break
                ;;
        esac
    done

    COMPREPLY=()
    case $previous in
        --config | --key-file)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --log-level)
            mapfile -t COMPREPLY < <(compgen -W "trace debug info warn error" -- "$current")
            return
            ;;
        --log-format)
            mapfile -t COMPREPLY < <(compgen -W "text json" -- "$current")
            return
            ;;
        --listen | --drain | --admin) return ;;
    esac

    local words="--log-level --log-format --help --version"
    case $command in
        run) words+=" --config --listen --drain" ;;
        check) words+=" --config --listen" ;;
        status) words+=" --admin --config --key-file --watch --json" ;;
        keygen | hash) ;;
        *) words+=" run check keygen hash status" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ptth_relay ptth-relay
