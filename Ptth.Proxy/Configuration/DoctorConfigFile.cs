using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads of <c>server.toml</c> or <c>client.toml</c>, and of what the command line has in its place, what leads to the relay.</summary>
internal static class DoctorConfigFile
{
    /// <summary>The relay, its key and the way to it. A file that says what it is, by its ports or forwards, is read as the proxy reads it.</summary>
    /// <exception cref="ConfigException">Something is not valid; all that is wrong with it.</exception>
    /// <exception cref="UsageException">The command line lacks something, and there is no file.</exception>
    public static DoctorConfig Load(ProxySources sources)
    {
        ProxyConfigReader reader = ProxyConfigReader.Open(sources);
        if (reader.Root.Has("port")) return OfServer(ServerConfigFile.Load(sources, [], null));
        if (reader.Root.Has("forward")) return OfClient(ClientConfigFile.Load(sources, []));
        RelayUrl? relay = reader.ReadRelay();
        IServerTrust? trust = reader.ReadTrust(relay);
        HttpProxyChoice? httpProxy = reader.ReadHttpProxy(relay);
        ProxyTimeouts timeouts = reader.ReadTimeouts();
        PtthKey? key = reader.ReadKey();
        reader.Complete();
        return new DoctorConfig { Relay = relay!, Trust = trust, HttpProxy = httpProxy, Key = key!, Timeouts = timeouts };
    }

    private static DoctorConfig OfServer(ServerProxyConfig config) =>
        new() { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Key = config.Key, Timeouts = config.Timeouts };

    private static DoctorConfig OfClient(ClientProxyConfig config) =>
        new() { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Key = config.Key, Timeouts = config.Timeouts };
}
