using Ptth.Common.Protocol;
using Ptth.Http.Client;

namespace Ptth.Proxy.Relaying;

/// <summary>What became of asking for a tunnel.</summary>
/// <param name="Download">The answer that brings the server's bytes, for the caller to own; null where there is no tunnel.</param>
/// <param name="Id">The tunnel's ID.</param>
/// <param name="Refusal">Why there is no tunnel, in one line.</param>
/// <param name="MayPass">Whether that may change by itself.</param>
internal readonly record struct TunnelAnswer(ClientExchange? Download, ConnectionId Id, string Refusal, bool MayPass);
