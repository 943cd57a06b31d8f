namespace Ptth.Relay.Admission;

/// <summary>The connections of one address. It belongs to the gate's lock.</summary>
internal sealed class AddressGroup(PeerAddress address)
{
    /// <summary>The address.</summary>
    public PeerAddress Address { get; } = address;

    /// <summary>How many there are, authenticated or not.</summary>
    public int Count { get; set; }

    /// <summary>Those that no known key has come on, the oldest first.</summary>
    public LinkedList<Stranger> Unauthenticated { get; } = new();

    /// <summary>Its place in the <see cref="CrowdRanking"/>; null where it has no unauthenticated connection.</summary>
    public LinkedListNode<AddressGroup>? Rank { get; set; }
}
