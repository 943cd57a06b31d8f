using Ptth.Common.Protocol;

namespace Ptth.Proxy.Relaying;

/// <summary>What the answer to a listen announced: a client that wants the port.</summary>
/// <param name="Id">The connection's ID.</param>
/// <param name="Process">Which process of the relay made it; null where it did not say.</param>
/// <param name="Client">The client's name.</param>
/// <param name="Offered">What the client's proxy says about records.</param>
internal readonly record struct Announcement(ConnectionId Id, string? Process, string Client, RecordTerms? Offered);
