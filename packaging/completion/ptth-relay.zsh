#compdef ptth-relay
# zsh completion of ptth-relay

_ptth_relay() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a all=(
        '--log-level[the least level to log]:level:(trace debug info warn error)'
        '--log-format[how each entry is logged]:format:(text json)'
        '(- *)'{-h,--help}'[print the commands and options]'
        '(- *)--version[print the version]'
    )
    local -a configured=(
        '--config[the configuration, TOML]:file:_files -g "*.toml(-.)"'
        '*--listen[listen here, in place of the configuration]:address and port: '
    )

    _arguments -C $all '1:command:->command' '*::argument:->argument'
    case $state in
        command)
            local -a commands=(
                'run:run the relay until SIGTERM or SIGINT'
                'check:validate the configuration, and print what run would do'
                'keygen:print a new key and its hash'
                'status:print the state of a running relay'
                'hash:read a key on standard input and print its hash'
            )
            _describe command commands
            ;;
        argument)
            case $line[1] in
                run) _arguments $all $configured '--drain[how long open tunnels may finish]:seconds: ' ;;
                check) _arguments $all $configured ;;
                status)
                    _arguments $all \
                        '--admin[the admin listener]:address and port: ' \
                        '--config[take the address from this configuration]:file:_files -g "*.toml(-.)"' \
                        '--key-file[the file that holds the admin key]:file:_files' \
                        '--watch[show it again each second]' \
                        '--json[print it as the relay sends it]'
                    ;;
                keygen|hash) _arguments $all ;;
            esac
            ;;
    esac
}

_ptth_relay "$@"
