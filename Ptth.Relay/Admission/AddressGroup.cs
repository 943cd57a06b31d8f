namespace Ptth.Relay.Admission;

/// <summary>The connections of one address, or one of a trusted proxy's. It belongs to the gate's lock.</summary>
/// <param name="address">See <see cref="Address"/>.</param>
/// <param name="standsAlone">See <see cref="StandsAlone"/>.</param>
internal sealed class AddressGroup(PeerAddress address, bool standsAlone)
{
    /// <summary>Whether it is one connection of a trusted proxy, which is not counted with others of that address: each may be another client's.</summary>
    public bool StandsAlone { get; } = standsAlone;

    /// <summary>The address.</summary>
    public PeerAddress Address { get; } = address;

    /// <summary>How many there are, authenticated or not.</summary>
    public int Count { get; set; }

    /// <summary>Those that no known key has come on, the oldest first.</summary>
    public LinkedList<Stranger> Unauthenticated { get; } = new();

    /// <summary>Its place in the <see cref="CrowdRanking"/>; null where it has no unauthenticated connection.</summary>
    public LinkedListNode<AddressGroup>? Rank { get; set; }
}
