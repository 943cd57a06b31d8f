namespace Ptth.Relay.Rendezvous;

/// <summary>One party at the in-memory rendezvous. All of it but <see cref="Outcome"/> belongs to the rendezvous' lock.</summary>
internal sealed class Waiter(PortAddress address, string party, Offer? offer, string? listener = null)
{
    // Continuations run inline, on the thread that brought the match, after the lock was released.
    private readonly TaskCompletionSource<RendezvousOutcome> _outcome = new();

    /// <summary>The port.</summary>
    public PortAddress Address { get; } = address;

    /// <summary>Whose limit it counts against: a server's name or a client's.</summary>
    public string Party { get; } = party;

    /// <summary>Which of its server's listens it is, where that says so: it has one of the name at a time.</summary>
    public string? Listener { get; } = listener;

    /// <summary>What a connect offers, or what a listen was given.</summary>
    public Offer? Offer { get; set; } = offer;

    /// <summary>Its place in the queue; null when it has left it.</summary>
    public LinkedListNode<Waiter>? Node { get; set; }

    /// <summary>Its place among its party's, meaningful as long as <see cref="Node"/> is.</summary>
    public LinkedListNode<Waiter>? PartyNode { get; set; }

    /// <summary>How the wait ended.</summary>
    public Task<RendezvousOutcome> Outcome => _outcome.Task;

    /// <summary>Ends the wait. Never under the lock: what waits for it goes on inside this call.</summary>
    public void Complete(RendezvousOutcome outcome) => _outcome.TrySetResult(outcome);
}
