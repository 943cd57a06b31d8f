using Ptth.Common.Protocol;

namespace Ptth.Relay.Rendezvous;

/// <summary>A client's wish for a connection, as a server is told of it.</summary>
/// <param name="Id">The connection's ID.</param>
/// <param name="Address">The port that is wanted.</param>
/// <param name="Client">The client's name.</param>
/// <param name="Extras">What the client's proxy can do besides, for the server's to read; null for nothing.</param>
internal sealed record Offer(ConnectionId Id, PortAddress Address, string Client, string? Extras = null);
