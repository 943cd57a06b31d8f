using System.Net;

namespace Ptth.Relay.Admission;

/// <summary>A client behind a trusted reverse proxy: its address as that proxy tells it. Its port nobody knows.</summary>
internal sealed class ForwardedClient(IPAddress address) : IPEndPoint(address, 0)
{
    /// <summary>For logs: the address alone.</summary>
    public override string ToString() => Address.ToString();
}
