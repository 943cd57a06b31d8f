using Ptth.Common.Cli;
using Ptth.Common.Toml;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads of <c>server.toml</c> or <c>client.toml</c>, and of what the command line has in its place, what leads to the relay.</summary>
internal static class DoctorConfigFile
{
    /// <summary>Those that tell a server's file from a client's.</summary>
    private static readonly string[] ServerKeys = ["port", "listens", "dial_timeout"];

    /// <summary>The relay, its key and the way to it. The file is read as the proxy reads it that it is for; ports and forwards may be on that one's command line.</summary>
    /// <exception cref="ConfigException">Something is not valid; all that is wrong with it.</exception>
    /// <exception cref="UsageException">The command line lacks something, and there is no file.</exception>
    public static DoctorConfig Load(ProxySources sources)
    {
        TomlSection root = ProxyConfigReader.Open(sources).Root;
        bool isServers = ServerKeys.Any(root.Has);
        return isServers ? OfServer(ServerConfigFile.Load(sources, [], null, needsPorts: false)) : OfClient(ClientConfigFile.Load(sources, [], needsForwards: false));
    }

    private static DoctorConfig OfServer(ServerProxyConfig config) =>
        new() { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Key = config.Key, Timeouts = config.Timeouts };

    private static DoctorConfig OfClient(ClientProxyConfig config) =>
        new() { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Key = config.Key, Timeouts = config.Timeouts };
}
