using System.Net.Sockets;

namespace Ptth.Relay.Admission;

/// <summary>A connection that was let in. All but <see cref="IsKnown"/> belongs to the gate's lock.</summary>
internal sealed class AdmittedConnection(Socket socket, AddressGroup group)
{
    private volatile bool _isKnown;

    /// <summary>Whose address it comes from.</summary>
    public AddressGroup Group { get; } = group;

    /// <summary>Its places among the unauthenticated connections; null where it is none of them.</summary>
    public Stranger? Stranger { get; set; }

    /// <summary>Whether it counts no longer.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Whether a request on it has carried a known key.</summary>
    public bool IsKnown
    {
        get => _isKnown;
        set => _isKnown = value;
    }

    /// <summary>Resets it, also in the midst of a TLS handshake. Whoever serves it sees it broken.</summary>
    public void Break() => socket.Close(timeout: 0);
}
