# bash completion of ptth-proxy

_ptth_proxy() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            server | client | doctor)
                command=$word
                break
                ;;
        esac
    done

    COMPREPLY=()
    case $previous in
        --config | --key-file | --ca-file)
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
        --upload)
            mapfile -t COMPREPLY < <(compgen -W "stream segments auto" -- "$current")
            return
            ;;
        --relay | --pin | --proxy | --port | --listens | -L | --drain | --idle) return ;;
    esac

    local words="--log-level --log-format --help --version"
    case $command in
        server) words+=" --config --relay --key-file --ca-file --pin --proxy --port --listens --upload --drain --no-live" ;;
        client) words+=" --config --relay --key-file --ca-file --pin --proxy -L --upload --drain --no-live" ;;
        doctor) words+=" --config --relay --key-file --ca-file --pin --proxy --idle --no-throughput --json" ;;
        *) words+=" server client doctor" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ptth_proxy ptth-proxy
