using System.CommandLine;
using Ptth.Common.Cli;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Commands;

/// <summary><c>ptth-proxy client</c>.</summary>
internal static class ClientCommand
{
    public static Command Create(ProgramContext program)
    {
        var shared = new ProxyOptions();
        Option<Forward[]> forwards = Options.Repeated<Forward>(
            "-L", "[ADDRESS:]PORT=SERVER/NAME", "Forward a local port to a server's, in place of the configuration's forwards", Forward.TryParse, Forward.Expected);
        var command = new Command("client", "Run the client-side proxy: forward local ports to servers behind the relay");
        shared.AddTo(command, forwards);
        command.SetAction((parsed, _) =>
        {
            ClientProxyConfig Read() => ClientConfigFile.Load(shared.SourcesOf(parsed, program), parsed.GetValue(forwards)!);
            ClientProxyConfig config = Read();
            return shared.RunAsync<ClientProxyConfig>(
                parsed, program, Read, (loggers, lifetime, live, reload) => ClientProxy.RunAsync(config, loggers, lifetime, live, reload));
        });
        return command;
    }
}
