namespace Ptth.Http.Client;

/// <summary>Where requests go.</summary>
/// <param name="Host">A host name or an IP address, without brackets.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="HostField">What the Host field says (RFC 9110 section 7.2).</param>
public sealed record HttpOrigin(string Host, int Port, string HostField)
{
    /// <summary>Host and port, as CONNECT names them (RFC 9112 section 3.2.3).</summary>
    internal string Authority => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
