namespace Ptth.Relay.Admission;

/// <summary>
/// Addresses by the number of their unauthenticated connections, so that the largest crowd is found at once however many addresses
/// there are. Of equals the one that came to that number first. It belongs to the gate's lock.
/// </summary>
internal sealed class CrowdRanking
{
    /// <summary>The addresses with one connection, with two, and so on: as many lists as the largest crowd ever had connections.</summary>
    private readonly List<LinkedList<AddressGroup>> _byCount = [];
    private int _largest;

    /// <summary>The address with the most; null where there is none.</summary>
    public AddressGroup? Largest => _largest == 0 ? null : _byCount[_largest - 1].First!.Value;

    /// <summary>The number of an address's unauthenticated connections has changed, by one.</summary>
    public void Update(AddressGroup group)
    {
        int count = group.Unauthenticated.Count;
        group.Rank?.List!.Remove(group.Rank);
        group.Rank = null;
        if (count > 0)
        {
            if (_byCount.Count < count) _byCount.Add(new LinkedList<AddressGroup>());
            group.Rank = _byCount[count - 1].AddLast(group);
            _largest = Math.Max(_largest, count);
        }

        // By one at most: an address that has left the highest list is now in the one below, unless it has none.
        if (_largest > 0 && _byCount[_largest - 1].Count == 0) _largest--;
    }
}
