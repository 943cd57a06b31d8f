namespace Ptth.Relay.Rendezvous;

/// <summary>What a client asks for and a server offers: one port of one server.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Port">The port's name, which only the server can resolve.</param>
internal readonly record struct PortAddress(string Server, string Port)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Server}/{Port}";
}
