namespace Ptth.Http.Client;

/// <summary>
/// A proxy that the way to the origin leads through (RFC 9110 section 3.7): to an https origin by CONNECT, to an http one by requests
/// that name the origin in full.
/// </summary>
/// <param name="Host">A host name or an IP address, without brackets.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Name">What messages call it.</param>
/// <param name="Authorization">What Proxy-Authorization says (RFC 9110 section 11.7.2); null without credentials.</param>
public sealed record HttpProxy(string Host, int Port, string Name, string? Authorization)
{
    /// <summary>The name alone, so that no log line can carry credentials by accident.</summary>
    public override string ToString() => Name;
}
