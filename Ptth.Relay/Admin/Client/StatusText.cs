using System.Globalization;
using Ptth.Common.Text;
using Ptth.Relay.Admin.Status;

namespace Ptth.Relay.Admin.Client;

/// <summary>The status as text for people: aligned, and no wider than asked for. What does not fit is cut from names.</summary>
internal static class StatusText
{
    /// <summary>The names that are never cut further than to this.</summary>
    private const int LeastName = 8;

    /// <summary>All of it, in lines.</summary>
    /// <param name="status">The status.</param>
    /// <param name="columns">How wide a line may be.</param>
    public static List<string> Compose(StatusDocument status, int columns)
    {
        List<string> lines =
        [
            $"ptth-relay {status.Version}: {status.State}, up for {Readable.Duration(TimeSpan.FromSeconds(status.UptimeSeconds))}",
        ];
        Add(lines, "http", status.Listen);
        Add(lines, "tls", status.ListenTls);
        lines.Add(Invariant($"tunnels      {status.Tunnels.Open} open, {status.Tunnels.Waiting} waiting, at most {status.Tunnels.Max}; {status.Tunnels.OpenedTotal} so far"));
        lines.Add($"now          {Readable.Rate(status.Bytes.RateUp)} up, {Readable.Rate(status.Bytes.RateDown)} down");
        lines.Add($"in all       {Readable.Bytes(status.Bytes.Up)} up, {Readable.Bytes(status.Bytes.Down)} down");
        lines.Add(Invariant($"connections  {status.Connections.Open} of {status.Connections.Max}, {status.Connections.Unauthenticated} without a key"));
        AddWrapped(lines, "refused      ", Counts(status.Rejected, "nothing"), columns);
        AddWrapped(lines, "ended        ", Counts(status.Tunnels.Ended, "none"), columns);
        AddServers(lines, status, columns);
        AddTunnels(lines, status, columns);
        return [.. lines.Select(line => Cut(line.TrimEnd(), columns))];
    }

    /// <summary>The least that one wants to know each second, on one line.</summary>
    public static string Compact(StatusDocument status) => Invariant(
        $"{status.Now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {status.State}, {Readable.Count(status.Tunnels.Open, "tunnel")}, {status.Tunnels.Waiting} waiting, {Readable.Rate(status.Bytes.RateUp)} up, {Readable.Rate(status.Bytes.RateDown)} down, {status.Servers.Count(static s => s.Online)}/{status.Servers.Count} servers, {status.Rejected.Values.Sum()} refused");

    private static void Add(List<string> lines, string name, IReadOnlyList<string> addresses)
    {
        if (addresses.Count > 0) lines.Add($"{name,-13}{string.Join(", ", addresses)}");
    }

    private static string Counts(IReadOnlyDictionary<string, long> counts, string ifNone)
    {
        string text = string.Join(", ", counts.Where(static entry => entry.Value > 0).OrderByDescending(static entry => entry.Value)
            .Select(static entry => Invariant($"{entry.Value} {entry.Key}")));
        return text.Length > 0 ? text : ifNone;
    }

    private static void AddServers(List<string> lines, StatusDocument status, int columns)
    {
        lines.Add("");
        if (status.Servers.Count == 0)
        {
            lines.Add("no server is configured: add a [[server]] to the relay's configuration");
            return;
        }

        var table = new TextTable("SERVER/PORT", "STATE", "FOR", ">LISTENS", ">TUNNELS");
        foreach (ServerStatus server in status.Servers)
        {
            if (server.Ports.Count == 0) table.Add(server.Name, StateOf(server.Online), Since(status, server.Since), "", "");
            foreach (PortStatus port in server.Ports)
                table.Add($"{server.Name}/{port.Name}", StateOf(port.Online), Since(status, port.Since), Invariant($"{port.Listens}"), Invariant($"{port.Tunnels}"));
        }

        table.WriteTo(lines, columns, LeastName);
    }

    private static void AddTunnels(List<string> lines, StatusDocument status, int columns)
    {
        lines.Add("");
        if (status.OpenTunnels.Count == 0)
        {
            lines.Add("no tunnel is open");
            return;
        }

        var table = new TextTable("CLIENT -> SERVER/PORT", "STATE", ">AGE", ">UP", ">", ">DOWN", ">");
        foreach (TunnelStatus tunnel in status.OpenTunnels)
        {
            table.Add($"{tunnel.Client} -> {tunnel.Server}/{tunnel.Port}", tunnel.State, Readable.Duration(TimeSpan.FromSeconds(tunnel.AgeSeconds)),
                Readable.Bytes(tunnel.BytesUp), RateOf(tunnel.RateUp), Readable.Bytes(tunnel.BytesDown), RateOf(tunnel.RateDown));
        }

        table.WriteTo(lines, columns, LeastName);
        if (status.OpenTunnelsOmitted > 0) lines.Add(Invariant($"and {status.OpenTunnelsOmitted} more, which move less"));
    }

    /// <summary>Adds a list whose members are not cut: what does not fit goes on below.</summary>
    private static void AddWrapped(List<string> lines, string title, string list, int columns)
    {
        string line = title;
        foreach (string member in list.Split(", "))
        {
            string separator = line.Length == title.Length ? "" : ", ";
            if (separator.Length > 0 && line.Length + separator.Length + member.Length + 1 > columns)
            {
                lines.Add(line + ",");
                line = new string(' ', title.Length);
                separator = "";
            }

            line += separator + member;
        }

        lines.Add(line);
    }

    private static string StateOf(bool online) => online ? "online" : "offline";

    private static string Since(StatusDocument status, DateTimeOffset? since) => since is { } time ? Readable.Duration(status.Now - time) : "never seen";

    private static string RateOf(double? rate) => rate is { } value ? Readable.Rate(value) : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Cut(string line, int columns) => line.Length <= columns ? line : line[..(columns - 2)] + "..";
}
