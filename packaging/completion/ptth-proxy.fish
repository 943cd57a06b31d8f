# fish completion of ptth-proxy

set -l commands server client
complete -c ptth-proxy -f
complete -c ptth-proxy -n "not __fish_seen_subcommand_from $commands" -a server -d "Offer TCP servers through the relay"
complete -c ptth-proxy -n "not __fish_seen_subcommand_from $commands" -a client -d "Forward local ports to servers"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l config -r -F -d "The configuration, TOML"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l relay -x -d "The relay, a URL"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l key-file -r -F -d "The file that holds the key"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l ca-file -r -F -d "Trust these authorities, PEM"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l pin -x -d "Trust this certificate alone"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l proxy -x -a none -d "The HTTP proxy on the way to the relay"
complete -c ptth-proxy -n "__fish_seen_subcommand_from server" -l port -x -d "Offer NAME=HOST:PORT"
complete -c ptth-proxy -n "__fish_seen_subcommand_from server" -l listens -x -d "Requests kept waiting for each port"
complete -c ptth-proxy -n "__fish_seen_subcommand_from client" -s L -x -d "Forward [ADDRESS:]PORT=SERVER/NAME"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l upload -x -a "stream segments auto" -d "How bytes go to the relay"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l drain -x -d "Seconds that open tunnels may finish"
complete -c ptth-proxy -n "__fish_seen_subcommand_from $commands" -l no-live -d "Log lines alone on a terminal"
complete -c ptth-proxy -l log-level -x -a "trace debug info warn error" -d "The least level to log"
complete -c ptth-proxy -l log-format -x -a "text json" -d "How each entry is logged"
complete -c ptth-proxy -s h -l help -d "Print the commands and options"
complete -c ptth-proxy -l version -d "Print the version"
