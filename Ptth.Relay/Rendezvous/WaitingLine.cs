namespace Ptth.Relay.Rendezvous;

/// <summary>Those who wait on one side, listens or connects: by port, oldest first, counted by party. Not thread-safe.</summary>
/// <param name="maxPerParty">The most that one party may have waiting.</param>
internal sealed class WaitingLine(int maxPerParty)
{
    private readonly Dictionary<PortAddress, LinkedList<Waiter>> _byPort = [];
    private readonly Dictionary<string, LinkedList<Waiter>> _byParty = [];
    private readonly Dictionary<(PortAddress, string), Waiter> _byListener = [];

    /// <summary>The most that one party may have waiting.</summary>
    public int MaxPerParty { get; set; } = maxPerParty;

    /// <summary>Whether a party has as many waiting as it may.</summary>
    public bool IsFull(string party) => _byParty.TryGetValue(party, out LinkedList<Waiter>? waiting) && waiting.Count >= MaxPerParty;

    /// <summary>Puts a waiter at the end of its port's queue; false where its party has too many.</summary>
    public bool TryAdd(Waiter waiter)
    {
        if (IsFull(waiter.Party)) return false;
        Add(waiter);
        return true;
    }

    /// <summary>Puts a waiter at the end of its port's queue, whatever its party has.</summary>
    public void Add(Waiter waiter) => waiter.Node = QueueFor(waiter).AddLast(waiter);

    /// <summary>Puts a waiter back that was the oldest of its port when it was taken, whatever its party has by now.</summary>
    public void PutBack(Waiter waiter) => waiter.Node = QueueFor(waiter).AddFirst(waiter);

    /// <summary>Takes the oldest waiter of a port; null where there is none.</summary>
    public Waiter? TakeOldest(PortAddress address)
    {
        if (!_byPort.TryGetValue(address, out LinkedList<Waiter>? queue)) return null;
        return Taken(queue.First!.Value);
    }

    /// <summary>Takes the newest waiter of a port; null where there is none.</summary>
    public Waiter? TakeNewest(PortAddress address) =>
        _byPort.TryGetValue(address, out LinkedList<Waiter>? queue) ? Taken(queue.Last!.Value) : null;

    /// <summary>Takes the oldest waiter of a party; null where there is none.</summary>
    public Waiter? TakeOldestOf(string party) =>
        _byParty.TryGetValue(party, out LinkedList<Waiter>? waiting) ? Taken(waiting.First!.Value) : null;

    /// <summary>Takes the waiter of a listener on a port; null where there is none.</summary>
    public Waiter? TakeFormer(PortAddress address, string listener) =>
        _byListener.TryGetValue((address, listener), out Waiter? former) ? Taken(former) : null;

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
        LinkedList<Waiter> ofParty = _byParty[waiter.Party];
        ofParty.Remove(waiter.PartyNode!);
        if (ofParty.Count == 0) _byParty.Remove(waiter.Party);
        if (waiter.Listener is { } listener) _byListener.Remove((waiter.Address, listener));
        return true;
    }

    private Waiter Taken(Waiter waiter)
    {
        Remove(waiter);
        return waiter;
    }

    /// <summary>The queue that a waiter goes into, which counts it.</summary>
    private LinkedList<Waiter> QueueFor(Waiter waiter)
    {
        if (!_byParty.TryGetValue(waiter.Party, out LinkedList<Waiter>? ofParty)) _byParty[waiter.Party] = ofParty = [];
        waiter.PartyNode = ofParty.AddLast(waiter);
        // Whoever was there before under that name has been taken out.
        if (waiter.Listener is { } listener) _byListener.Add((waiter.Address, listener), waiter);
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
