using System.Net;

namespace Ptth.Load.Soak;

/// <summary>A way from a forwarded port to the service.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Forward">The forwarded port.</param>
/// <param name="Server">The name of its server-side proxy.</param>
/// <param name="Client">The name of its client-side proxy.</param>
internal sealed record Chain(string Name, IPEndPoint Forward, string Server, string Client)
{
    /// <summary>Whether that is one of its proxies.</summary>
    public bool Uses(PartySpec party) => party.Name == Server || party.Name == Client;

    /// <summary>Reads NAME=ADDRESS:PORT,SERVER,CLIENT.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static Chain Parse(string text) =>
        text.Split('=', ',') is [string name, string forward, string server, string client]
            ? new Chain(name, IPEndPoint.Parse(forward), server, client)
            : throw new FormatException($"'{text}' is not NAME=ADDRESS:PORT,SERVER,CLIENT");
}
