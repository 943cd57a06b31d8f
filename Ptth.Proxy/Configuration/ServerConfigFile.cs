using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads <c>server.toml</c>, and what the command line has in its place. Each key is described in docs/operations.md.</summary>
internal static class ServerConfigFile
{
    /// <summary>The configuration of a server-side proxy. Ports and listens of the command line stand in for the file's.</summary>
    /// <exception cref="ConfigException">Something is not valid; all that is wrong with it.</exception>
    /// <exception cref="UsageException">The command line lacks something, and there is no file.</exception>
    public static ServerProxyConfig Load(ProxySources sources, IReadOnlyList<PortMapping> ports, int? listens, bool needsPorts = true)
    {
        ProxyConfigReader reader = ProxyConfigReader.Open(sources);
        TomlSection root = reader.Root;
        RelayUrl? relay = reader.ReadRelay();
        IServerTrust? trust = reader.ReadTrust(relay);
        HttpProxyChoice? httpProxy = reader.ReadHttpProxy(relay);
        IReadOnlyList<TomlSection>? sections = root.Tables("port");
        IReadOnlyList<PortMapping> portsInFile = ReadPorts(sections);
        if (needsPorts && ports.Count == 0 && sections is { Count: 0 })
            reader.Missing("port", "is missing; add [[port]] with name and target", "no port: give --port NAME=HOST:PORT");
        if (ports.GroupBy(port => port.Name).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw new UsageException($"--port {twice.Key} is given twice");
        int listensInFile = root.Number("listens", ServerProxyConfig.MinListensPerPort, ServerProxyConfig.MaxListensPerPort, ServerProxyConfig.DefaultListensPerPort);
        int maxTunnels = root.Number("max_tunnels", 1, ServerProxyConfig.MaxMaxTunnels, ServerProxyConfig.DefaultMaxTunnels);
        TimeSpan dialTimeout = root.Seconds("dial_timeout", 1, 300, ServerProxyConfig.DefaultDialTimeout);
        TimeSpan keepAlive = root.Seconds("keep_alive", 0, RecordTerms.MaxSeconds, TimeSpan.Zero);
        bool markEnds = root.Flag("mark_ends", false);
        UploadSettings upload = reader.ReadUpload();
        ProxyTimeouts timeouts = reader.ReadTimeouts();
        PtthKey? key = reader.ReadKey();
        reader.Complete();
        return new ServerProxyConfig
        {
            Relay = relay!,
            Trust = trust,
            HttpProxy = httpProxy,
            Key = key!,
            Ports = ports.Count > 0 ? ports : portsInFile,
            ListensPerPort = listens ?? listensInFile,
            MaxTunnels = maxTunnels,
            DialTimeout = dialTimeout,
            KeepAliveSeconds = (int)keepAlive.TotalSeconds,
            MarkEnds = markEnds,
            Upload = upload,
            Timeouts = timeouts,
        };
    }

    private static List<PortMapping> ReadPorts(IReadOnlyList<TomlSection>? sections)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var ports = new List<PortMapping>();
        foreach (TomlSection section in sections ?? [])
        {
            bool named = section.TryRequire<string>("name", PtthName.TryParse, PtthName.Expected, out string? name);
            if (named && !lines.TryAdd(name!, section.LineOf("name")))
                section.Report("name", $"\"{name}\" is used in line {lines[name!]} already");
            if (section.TryRequire<HostPort>("target", HostPort.TryParse, HostPort.Expected, out HostPort? target) && named)
                ports.Add(new PortMapping(name!, target));
        }
        return ports;
    }
}
