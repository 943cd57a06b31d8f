using System.Net;
using Ptth.Common.Logging;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>relay.toml</c>. Each key is described in docs/operations.md.</summary>
internal sealed class RelayConfigFile
{
    private static readonly IReadOnlyList<IPEndPoint> DefaultListen = [new(IPAddress.Any, 8080), new(IPAddress.IPv6Any, 8080)];

    private readonly PartyReader _parties = new();
    private readonly ListenReader _listens = new();
    private readonly string _path;

    private RelayConfigFile(string path) => _path = path;

    /// <summary>What is in the file; <paramref name="listen"/> stands in for the file's addresses where there are any.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listen">See above.</param>
    /// <param name="now">The time, to tell of keys that have expired or are about to.</param>
    /// <param name="notes">What is valid and still looks like a mistake.</param>
    /// <exception cref="ConfigException">The file is not valid; all that is wrong with it.</exception>
    public static RelayConfig Load(string path, IReadOnlyList<IPEndPoint> listen, DateTimeOffset now, out IReadOnlyList<ConfigProblem> notes)
    {
        TomlFile file = TomlFile.Load(path);
        var reader = new RelayConfigFile(path);
        RelayConfig config = reader.Read(file.Root, listen);
        file.Complete();
        notes =
        [
            .. new RelayConfigNotes(path, reader._parties.ClientLines, file.Root).Of(config, now),
            .. new KeyNotes(path, reader._parties.HashLines).Of(config, now),
        ];
        return config;
    }

    private RelayConfig Read(TomlSection root, IReadOnlyList<IPEndPoint> listen)
    {
        (IReadOnlyList<IPEndPoint> plain, RelayTls? tls) = ReadListeners(root, listen);
        var config = new RelayConfig
        {
            Listen = plain,
            Tls = tls,
            Admin = new AdminReader(_listens, _parties).Read(root),
            BasePath = root.TryRead<string>("base_path", BasePath.TryNormalize, BasePath.Expected, out string? basePath) ? basePath : PtthPaths.DefaultBase,
            TrustedProxies = ReadTrustedProxies(root),
            AuditLog = ReadAuditLog(root),
            Limits = LimitsReader.Read(root.Table("limits")),
            Timeouts = ReadTimeouts(root.Table("timeouts")),
            Servers = [.. (root.Tables("server") ?? []).Select(_parties.ReadServer).OfType<ServerEntry>()],
            Clients = [.. (root.Tables("client") ?? []).Select(_parties.ReadClient).OfType<ClientEntry>()],
        };
        return config;
    }

    private static IReadOnlyList<IPNetwork> ReadTrustedProxies(TomlSection root)
    {
        const string key = "trusted_proxies";
        IReadOnlyList<IPNetwork> ranges = RangeReader.Read(root, key, "list the reverse proxies' addresses, or leave it out for none");
        // With such a one every client would choose its address.
        foreach (IPNetwork range in ranges.Where(static range => range.PrefixLength == 0))
            root.Report(key, $"must not have {range}, which is everybody: list the reverse proxies' addresses");
        return ranges;
    }

    /// <summary>
    /// Which addresses speak what. TLS that has addresses of its own leaves the others plain, and there need not be any; without such, all
    /// speak TLS: nothing is plain that nobody asked for.
    /// </summary>
    private (IReadOnlyList<IPEndPoint> Plain, RelayTls? Tls) ReadListeners(TomlSection root, IReadOnlyList<IPEndPoint> listen)
    {
        IReadOnlyList<IPEndPoint>? inFile = _listens.Read(root);
        IReadOnlyList<IPEndPoint>? asked = listen.Count > 0 ? listen : inFile;
        if (!root.Has("tls")) return (asked ?? DefaultListen, null);
        TomlSection section = root.Table("tls");
        IReadOnlyList<IPEndPoint>? own = _listens.Read(section);
        RelayTls? tls = TlsReader.Read(section, _path, own ?? asked ?? DefaultListen);
        return (own is null ? [] : asked ?? [], tls);
    }

    private AuditFile? ReadAuditLog(TomlSection root)
    {
        if (root.Text(AuditFile.Key) is not { } text) return null;
        // Beside the configuration, wherever the program was started.
        var file = new AuditFile(Path.Combine(Path.GetDirectoryName(_path) ?? "", text.Value), _path, text.Line);
        if (LineFile.ProblemOf(file.Path) is { } problem) root.Report(AuditFile.Key, $"{file.Path} {problem}");
        return file;
    }

    private static RelayTimeouts ReadTimeouts(TomlSection timeouts)
    {
        const int hour = 3600, month = 30 * 24 * hour;
        var defaults = new RelayTimeouts();
        return new RelayTimeouts
        {
            Accept = timeouts.TimeoutSeconds("accept", hour, defaults.Accept),
            Attach = timeouts.TimeoutSeconds("attach", hour, defaults.Attach),
            HalfClosedIdle = timeouts.TimeoutSeconds("half_closed_idle", month, defaults.HalfClosedIdle),
            Idle = timeouts.TimeoutSeconds("idle", month, defaults.Idle),
            KeepAlive = timeouts.TimeoutSeconds("keep_alive", hour, defaults.KeepAlive),
            Head = timeouts.TimeoutSeconds("head", hour, defaults.Head),
            Send = timeouts.TimeoutSeconds("send", hour, defaults.Send),
            ListenWait = timeouts.Seconds("listen_wait", 1, 300, defaults.ListenWait),
            ConnectWait = timeouts.Seconds("connect_wait", 0, 60, defaults.ConnectWait),
        };
    }
}
