using Ptth.Http.Core;

namespace Ptth.Proxy.Doctor.Probes;

/// <summary>What an answer's head says about who gave it, or who handed it on.</summary>
/// <param name="Status">The status.</param>
/// <param name="Version">The version that the next in line speaks.</param>
/// <param name="Server">The Server field; null without one. The relay sends none.</param>
/// <param name="Via">The Via fields, with commas between; null without one. The relay sends none.</param>
/// <param name="IsRelays">Whether the relay gave it, as far as its fields tell.</param>
internal sealed record PathAnswer(int Status, ProtocolVersion Version, string? Server, string? Via, bool IsRelays);
