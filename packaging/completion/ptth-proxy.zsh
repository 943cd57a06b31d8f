#compdef ptth-proxy
# zsh completion of ptth-proxy

_ptth_proxy() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a all=(
        '--log-level[the least level to log]:level:(trace debug info warn error)'
        '--log-format[how each entry is logged]:format:(text json)'
        '(- *)'{-h,--help}'[print the commands and options]'
        '(- *)--version[print the version]'
    )
    local -a shared=(
        '--config[the configuration, TOML]:file:_files -g "*.toml(-.)"'
        '--relay[the relay]:URL: '
        '--key-file[the file that holds the key]:file:_files'
        '--ca-file[trust these authorities, PEM]:file:_files'
        '--proxy[the HTTP proxy on the way to the relay, or none]:URL: '
        '*--pin[trust the certificate with this fingerprint alone]:fingerprint: '
    )
    local -a running=(
        '--upload[how bytes go to the relay]:mode:(stream segments auto)'
        '--drain[how long open tunnels may finish]:seconds: '
        '--no-live[log lines alone on a terminal]'
    )

    _arguments -C $all '1:command:->command' '*::argument:->argument'
    case $state in
        command)
            local -a commands=(
                'server:offer TCP servers through the relay'
                'client:forward local ports to servers behind the relay'
                'doctor:say what is wrong with the way to the relay and what mends it'
            )
            _describe command commands
            ;;
        argument)
            case $line[1] in
                server)
                    _arguments $all $shared $running \
                        '*--port[offer a TCP server under a name]:name and target: ' \
                        '--listens[requests kept waiting for each port]:count: '
                    ;;
                client) _arguments $all $shared $running '*-L[forward a local port]:port and server: ' ;;
                doctor)
                    _arguments $all $shared \
                        '--idle[how long streams rest]:seconds: ' \
                        '--no-throughput[do not measure how much gets through]' \
                        '--json[print what was found as JSON]'
                    ;;
            esac
            ;;
    esac
}

_ptth_proxy "$@"
