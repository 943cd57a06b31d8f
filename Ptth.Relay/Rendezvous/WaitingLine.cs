namespace Ptth.Relay.Rendezvous;

/// <summary>Those who wait on one side, listens or connects: by port, oldest first, counted by party. Not thread-safe.</summary>
/// <param name="maxPerParty">The most that one party may have waiting.</param>
internal sealed class WaitingLine(int maxPerParty)
{
    private readonly Dictionary<PortAddress, LinkedList<Waiter>> _byPort = [];
    private readonly Dictionary<string, int> _byParty = [];

    /// <summary>The most that one party may have waiting.</summary>
    public int MaxPerParty { get; set; } = maxPerParty;

    /// <summary>Puts a waiter at the end of its port's queue; false where its party has too many.</summary>
    public bool TryAdd(Waiter waiter)
    {
        if (_byParty.GetValueOrDefault(waiter.Party) >= MaxPerParty) return false;
        waiter.Node = QueueFor(waiter).AddLast(waiter);
        return true;
    }

    /// <summary>Puts a waiter back that was the oldest of its port when it was taken, whatever its party has by now.</summary>
    public void PutBack(Waiter waiter) => waiter.Node = QueueFor(waiter).AddFirst(waiter);

    /// <summary>Takes the oldest waiter of a port; null where there is none.</summary>
    public Waiter? TakeOldest(PortAddress address)
    {
        if (!_byPort.TryGetValue(address, out LinkedList<Waiter>? queue)) return null;
        Waiter oldest = queue.First!.Value;
        Remove(oldest);
        return oldest;
    }

    /// <summary>Takes the waiter with that offer; null where there is none.</summary>
    public Waiter? Take(Offer offer)
    {
        if (!_byPort.TryGetValue(offer.Address, out LinkedList<Waiter>? queue)) return null;
        foreach (Waiter waiter in queue)
        {
            if (waiter.Offer != offer) continue;
            Remove(waiter);
            return waiter;
        }

        return null;
    }

    /// <summary>Takes a waiter out of its queue; false where it has left already.</summary>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Node is null) return false;
        LinkedList<Waiter> queue = waiter.Node.List!;
        queue.Remove(waiter.Node);
        waiter.Node = null;
        if (queue.Count == 0) _byPort.Remove(waiter.Address);
        if (--_byParty[waiter.Party] == 0) _byParty.Remove(waiter.Party);
        return true;
    }

    /// <summary>The queue that a waiter goes into, which counts it.</summary>
    private LinkedList<Waiter> QueueFor(Waiter waiter)
    {
        _byParty[waiter.Party] = _byParty.GetValueOrDefault(waiter.Party) + 1;
        if (!_byPort.TryGetValue(waiter.Address, out LinkedList<Waiter>? queue)) _byPort[waiter.Address] = queue = [];
        return queue;
    }

    /// <summary>Takes all.</summary>
    public List<Waiter> TakeAll()
    {
        List<Waiter> all = [.. _byPort.Values.SelectMany(static queue => queue)];
        foreach (Waiter waiter in all) Remove(waiter);
        return all;
    }
}
