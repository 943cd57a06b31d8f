using System.Net;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>relay.toml</c>. Each key is described in docs/operations.md.</summary>
internal sealed class RelayConfigFile
{
    private static readonly IReadOnlyList<IPEndPoint> DefaultListen = [new(IPAddress.Any, 8080), new(IPAddress.IPv6Any, 8080)];

    private readonly PartyReader _parties = new();

    private RelayConfigFile()
    {
    }

    /// <summary>What is in the file; <paramref name="listen"/> stands in for the file's addresses where there are any.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listen">See above.</param>
    /// <param name="now">The time, to tell of keys that have expired or are about to.</param>
    /// <param name="notes">What is valid and still looks like a mistake.</param>
    /// <exception cref="ConfigException">The file is not valid; all that is wrong with it.</exception>
    public static RelayConfig Load(string path, IReadOnlyList<IPEndPoint> listen, DateTimeOffset now, out IReadOnlyList<ConfigProblem> notes)
    {
        TomlFile file = TomlFile.Load(path);
        var reader = new RelayConfigFile();
        RelayConfig config = reader.Read(file.Root, listen);
        file.Complete();
        notes = [.. new RelayConfigNotes(path, reader._parties.ClientLines).Of(config), .. new KeyNotes(path, reader._parties.HashLines).Of(config, now)];
        return config;
    }

    private RelayConfig Read(TomlSection root, IReadOnlyList<IPEndPoint> listen)
    {
        if (root.Has("tls"))
            root.Report("tls", "is not supported by this version; put a server that ends TLS, such as nginx, in front of the relay");
        IReadOnlyList<IPEndPoint> listenInFile = ReadListen(root);
        var config = new RelayConfig
        {
            Listen = listen.Count > 0 ? listen : listenInFile,
            BasePath = root.TryRead<string>("base_path", BasePath.TryNormalize, BasePath.Expected, out string? basePath) ? basePath : PtthPaths.DefaultBase,
            Limits = LimitsReader.Read(root.Table("limits")),
            Timeouts = ReadTimeouts(root.Table("timeouts")),
            Servers = [.. (root.Tables("server") ?? []).Select(_parties.ReadServer).OfType<ServerEntry>()],
            Clients = [.. (root.Tables("client") ?? []).Select(_parties.ReadClient).OfType<ClientEntry>()],
        };
        return config;
    }

    private static IReadOnlyList<IPEndPoint> ReadListen(TomlSection root)
    {
        if (root.Texts("listen") is not { } texts) return DefaultListen;
        if (texts.Count == 0) root.Report("listen", "must have at least one address");
        var addresses = new Dictionary<IPEndPoint, int>();
        foreach (TomlText text in texts)
        {
            if (!ListenAddress.TryParse(text.Value, out IPEndPoint? address)) root.Report(text.Line, "listen", ListenAddress.Expected);
            else if (address.Port != 0 && addresses.TryGetValue(address, out int line))
                root.Report(text.Line, "listen", $"has {address} in line {line} already");
            else addresses[address] = text.Line;
        }
        return [.. addresses.Keys];
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
