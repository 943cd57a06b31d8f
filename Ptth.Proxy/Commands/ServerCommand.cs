using System.CommandLine;
using Ptth.Common.Cli;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Commands;

/// <summary><c>ptth-proxy server</c>.</summary>
internal static class ServerCommand
{
    public static Command Create(ProgramContext program)
    {
        var shared = new ProxyOptions();
        Option<PortMapping[]> ports = Options.Repeated<PortMapping>(
            "--port", "NAME=HOST:PORT", "Offer a TCP server under a name, in place of the configuration's ports", PortMapping.TryParse, PortMapping.Expected);
        Option<int?> listens = Options.Number("--listens", "COUNT", "Requests kept waiting for each port [default: 4]",
            ServerProxyConfig.MinListensPerPort, ServerProxyConfig.MaxListensPerPort);
        var command = new Command("server", "Run the server-side proxy: offer TCP servers through the relay");
        shared.AddTo(command, ports, listens);
        command.SetAction((parsed, _) =>
        {
            ServerProxyConfig Read() => ServerConfigFile.Load(shared.SourcesOf(parsed, program), parsed.GetValue(ports)!, parsed.GetValue(listens));
            ServerProxyConfig config = Read();
            return shared.RunAsync<ServerProxyConfig>(
                parsed, program, Read, (loggers, lifetime, live, reload) => ServerProxy.RunAsync(config, loggers, lifetime, live, reload));
        });
        return command;
    }
}
