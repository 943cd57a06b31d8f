using System.CommandLine;
using System.Net;
using Ptth.Common.Cli;
using Ptth.Common.Net;

namespace Ptth.Relay.Commands;

/// <summary>The options that run and check share.</summary>
internal static class RelayOptions
{
    public static Option<string?> Config() => Options.Path("--config", "The configuration, TOML", required: true);

    public static Option<IPEndPoint[]> Listen() => Options.Repeated<IPEndPoint>(
        "--listen", "ADDRESS:PORT", "Listen here, in place of the configuration's addresses", ListenAddress.TryParse, ListenAddress.Expected);
}
