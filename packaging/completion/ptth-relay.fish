# fish completion of ptth-relay

set -l commands run check keygen hash status
complete -c ptth-relay -f
complete -c ptth-relay -n "not __fish_seen_subcommand_from $commands" -a run -d "Run the relay until SIGTERM or SIGINT"
complete -c ptth-relay -n "not __fish_seen_subcommand_from $commands" -a check -d "Validate the configuration"
complete -c ptth-relay -n "not __fish_seen_subcommand_from $commands" -a keygen -d "Print a new key and its hash"
complete -c ptth-relay -n "not __fish_seen_subcommand_from $commands" -a hash -d "Print the hash of a key"
complete -c ptth-relay -n "not __fish_seen_subcommand_from $commands" -a status -d "Print the state of a running relay"
complete -c ptth-relay -n "__fish_seen_subcommand_from status" -l admin -x -d "The admin listener, ADDRESS:PORT"
complete -c ptth-relay -n "__fish_seen_subcommand_from status" -l key-file -r -F -d "The file that holds the admin key"
complete -c ptth-relay -n "__fish_seen_subcommand_from status" -l watch -d "Show it again each second"
complete -c ptth-relay -n "__fish_seen_subcommand_from status" -l json -d "Print it as the relay sends it"
complete -c ptth-relay -n "__fish_seen_subcommand_from run check status" -l config -r -F -d "The configuration, TOML"
complete -c ptth-relay -n "__fish_seen_subcommand_from run check" -l listen -x -d "Listen at ADDRESS:PORT"
complete -c ptth-relay -n "__fish_seen_subcommand_from run" -l drain -x -d "Seconds that open tunnels may finish"
complete -c ptth-relay -l log-level -x -a "trace debug info warn error" -d "The least level to log"
complete -c ptth-relay -l log-format -x -a "text json" -d "How each entry is logged"
complete -c ptth-relay -s h -l help -d "Print the commands and options"
complete -c ptth-relay -l version -d "Print the version"
