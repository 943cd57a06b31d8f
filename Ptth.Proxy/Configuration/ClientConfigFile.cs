using System.Net;
using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads <c>client.toml</c>, and what the command line has in its place. Each key is described in docs/operations.md.</summary>
internal static class ClientConfigFile
{
    /// <summary>The configuration of a client-side proxy. Forwards of the command line stand in for the file's.</summary>
    /// <exception cref="ConfigException">Something is not valid; all that is wrong with it.</exception>
    /// <exception cref="UsageException">The command line lacks something, and there is no file.</exception>
    public static ClientProxyConfig Load(ProxySources sources, IReadOnlyList<Forward> forwards, bool needsForwards = true)
    {
        ProxyConfigReader reader = ProxyConfigReader.Open(sources);
        TomlSection root = reader.Root;
        RelayUrl? relay = reader.ReadRelay();
        IServerTrust? trust = reader.ReadTrust(relay);
        HttpProxyChoice? httpProxy = reader.ReadHttpProxy(relay);
        IReadOnlyList<TomlSection>? sections = root.Tables("forward");
        IReadOnlyList<Forward> forwardsInFile = ReadForwards(sections);
        if (needsForwards && forwards.Count == 0 && sections is { Count: 0 })
            reader.Missing("forward", "is missing; add [[forward]] with listen and to", "no forward: give -L [ADDRESS:]PORT=SERVER/NAME");
        if (forwards.Where(forward => forward.Listen.Port != 0).GroupBy(forward => forward.Listen).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
            throw new UsageException($"-L {twice.Key} is given twice");
        int maxTunnels = root.Number("max_tunnels", 1, ClientProxyConfig.MaxMaxTunnels, ClientProxyConfig.DefaultMaxTunnels);
        TimeSpan connectWait = root.Seconds("connect_wait", 0, 60, ClientProxyConfig.DefaultConnectWait);
        TimeSpan keepAlive = root.Seconds("keep_alive", 0, RecordTerms.MaxSeconds, TimeSpan.Zero);
        bool markEnds = root.Flag("mark_ends", false);
        UploadSettings upload = reader.ReadUpload();
        ProxyTimeouts timeouts = reader.ReadTimeouts();
        PtthKey? key = reader.ReadKey();
        reader.Complete();
        return new ClientProxyConfig
        {
            Relay = relay!,
            Trust = trust,
            HttpProxy = httpProxy,
            Key = key!,
            Forwards = forwards.Count > 0 ? forwards : forwardsInFile,
            MaxTunnels = maxTunnels,
            ConnectWait = connectWait,
            KeepAliveSeconds = (int)keepAlive.TotalSeconds,
            MarkEnds = markEnds,
            Upload = upload,
            Timeouts = timeouts,
        };
    }

    private static List<Forward> ReadForwards(IReadOnlyList<TomlSection>? sections)
    {
        var lines = new Dictionary<IPEndPoint, int>();
        var forwards = new List<Forward>();
        foreach (TomlSection section in sections ?? [])
        {
            bool listening = section.TryRequire<IPEndPoint>("listen", ListenAddress.TryParseForward, ListenAddress.ExpectedForForward, out IPEndPoint? listen);
            if (listening && listen!.Port != 0 && !lines.TryAdd(listen, section.LineOf("listen")))
                section.Report("listen", $"{listen} is used in line {lines[listen]} already");
            if (section.TryRequire<(string Server, string Port)>("to", Forward.TryParseDestination, Forward.ExpectedDestination, out var to) && listening)
                forwards.Add(new Forward(listen!, to.Server, to.Port));
        }
        return forwards;
    }
}
