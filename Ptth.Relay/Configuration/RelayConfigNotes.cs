using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>What is valid and still looks like a mistake.</summary>
/// <param name="path">The file as the user named it.</param>
/// <param name="clientLines">Where each client's name stands.</param>
/// <param name="root">The file.</param>
internal sealed class RelayConfigNotes(string path, IReadOnlyDictionary<string, int> clientLines, TomlSection root)
{
    private const int ConnectionsPerTunnel = 4;

    /// <summary>The notes on a valid configuration.</summary>
    public IReadOnlyList<ConfigProblem> Of(RelayConfig config, DateTimeOffset now)
    {
        var notes = new List<ConfigProblem>();
        if (config.Tls?.Certificate.TimeProblem(now) is { } problem) notes.Add(new(path, root.LineOf("tls"), "tls.certificate", $"{config.Tls.Files.Certificate} {problem}"));
        if (config.Admin is { IsRemote: true } admin)
        {
            notes.Add(new(path, root.LineOf(AdminReader.AddressKey), AdminReader.AddressKey,
                $"the key of {admin.Listen} crosses the network readable, since it is plain HTTP: put TLS in front of it, or listen on loopback and come by ssh"));
        }

        if (config.Servers.Count == 0) notes.Add(new(path, 0, "server", "none is configured: nobody can offer a port"));
        if (config.Clients.Count == 0) notes.Add(new(path, 0, "client", "none is configured: nobody can connect"));
        RelayLimits limits = config.Limits;
        if (limits.MaxConnections < (long)ConnectionsPerTunnel * limits.MaxTunnels)
            notes.Add(new(path, 0, "limits.max_connections", $"{limits.MaxConnections} are too few for max_tunnels = {limits.MaxTunnels}: a tunnel takes four"));
        HashSet<string> servers = [.. config.Servers.Select(server => server.Name)];
        foreach (ClientEntry client in config.Clients) notes.AddRange(Of(client, servers));
        return notes;
    }

    private IEnumerable<ConfigProblem> Of(ClientEntry client, HashSet<string> servers)
    {
        int line = clientLines[client.Name];
        if (client.Allow.Count == 0) yield return new(path, line, "client.allow", $"\"{client.Name}\" may reach nothing");
        foreach (AllowPattern pattern in client.Allow)
        {
            if (!pattern.IsAnyServer && !servers.Contains(pattern.Server))
                yield return new(path, line, "client.allow", $"\"{client.Name}\" may reach \"{pattern}\", but no server \"{pattern.Server}\" is configured");
        }
    }
}
