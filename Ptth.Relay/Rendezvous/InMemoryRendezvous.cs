using Ptth.Relay.Configuration;

namespace Ptth.Relay.Rendezvous;

/// <summary>The rendezvous of a single relay.</summary>
internal sealed class InMemoryRendezvous(RelayLimits limits, TimeProvider time) : IRendezvous
{
    private readonly Lock _lock = new();
    private readonly WaitingLine _listens = new(limits.MaxWaitingListensPerServer);
    private readonly WaitingLine _offers = new(limits.MaxWaitingConnectsPerClient);

    /// <summary>Offers that a listen has taken and that are still wanted: only these may be returned.</summary>
    private readonly HashSet<Offer> _taken = [];
    private bool _closed;

    /// <inheritdoc/>
    public async Task<ListenResult> ListenAsync(PortAddress address, TimeSpan wait, CancellationToken cancellation, string? listener = null)
    {
        Waiter? connect, former, displaced = null;
        var listen = new Waiter(address, address.Server, offer: null, listener);
        lock (_lock)
        {
            if (_closed) return new ListenResult(RendezvousOutcome.Nobody, null);
            // The server may be known to have gone before its wait begins. It is to take nothing then.
            if (cancellation.IsCancellationRequested) return new ListenResult(RendezvousOutcome.Cancelled, null);
            former = listener is null ? null : _listens.TakeFormer(address, listener);
            connect = _offers.TakeOldest(address);
            if (connect is not null)
            {
                _taken.Add(connect.Offer!);
            }
            else
            {
                if (_listens.IsFull(address.Server)) displaced = _listens.TakeOldestOf(address.Server);
                // More than may be there were let in when that was more; then they stay.
                _listens.Add(listen);
            }
        }

        former?.Complete(RendezvousOutcome.Nobody);
        displaced?.Complete(RendezvousOutcome.TooMany);
        if (connect is not null)
        {
            connect.Complete(RendezvousOutcome.Matched);
            return new ListenResult(RendezvousOutcome.Matched, connect.Offer);
        }

        RendezvousOutcome outcome = await WaitAsync(_listens, listen, wait, cancellation);
        return new ListenResult(outcome, outcome == RendezvousOutcome.Matched ? listen.Offer : null);
    }

    /// <inheritdoc/>
    public async Task<RendezvousOutcome> OfferAsync(Offer offer, TimeSpan wait, CancellationToken cancellation)
    {
        Waiter? listen;
        var connect = new Waiter(offer.Address, offer.Client, offer);
        lock (_lock)
        {
            if (_closed) return RendezvousOutcome.Nobody;
            // So may the client: no listen is to be answered with a dead ID.
            if (cancellation.IsCancellationRequested) return RendezvousOutcome.Cancelled;
            listen = _listens.TakeOldest(offer.Address);
            if (listen is not null) Give(listen, offer);
            else if (wait == TimeSpan.Zero) return RendezvousOutcome.Nobody;
            else if (!_offers.TryAdd(connect)) return RendezvousOutcome.TooMany;
        }

        if (listen is null) return await WaitAsync(_offers, connect, wait, cancellation);
        listen.Complete(RendezvousOutcome.Matched);
        return RendezvousOutcome.Matched;
    }

    /// <inheritdoc/>
    public void Return(Offer offer)
    {
        Waiter? listen;
        lock (_lock)
        {
            // A send to the server may fail long after the client has stopped waiting: nobody would ever take such an offer out again.
            if (_closed || !_taken.Remove(offer)) return;
            listen = _listens.TakeNewest(offer.Address);
            if (listen is not null) Give(listen, offer);
            else _offers.PutBack(new Waiter(offer.Address, offer.Client, offer));
        }

        listen?.Complete(RendezvousOutcome.Matched);
    }

    /// <inheritdoc/>
    public void Withdraw(Offer offer)
    {
        lock (_lock)
        {
            if (!_taken.Remove(offer)) _offers.Take(offer);
        }
    }

    /// <inheritdoc/>
    public void Use(RelayLimits limits)
    {
        lock (_lock)
        {
            _listens.MaxPerParty = limits.MaxWaitingListensPerServer;
            _offers.MaxPerParty = limits.MaxWaitingConnectsPerClient;
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        List<Waiter> all;
        lock (_lock)
        {
            _closed = true;
            all = [.. _listens.TakeAll(), .. _offers.TakeAll()];
        }

        all.ForEach(static waiter => waiter.Complete(RendezvousOutcome.Nobody));
    }

    private void Give(Waiter listen, Offer offer)
    {
        listen.Offer = offer;
        _taken.Add(offer);
    }

    private async Task<RendezvousOutcome> WaitAsync(WaitingLine line, Waiter waiter, TimeSpan wait, CancellationToken cancellation)
    {
        using CancellationTokenRegistration gone = cancellation.Register(() => Leave(line, waiter, RendezvousOutcome.Cancelled));
        using ITimer timer = time.CreateTimer(_ => Leave(line, waiter, RendezvousOutcome.Nobody), null, wait, Timeout.InfiniteTimeSpan);
        return await waiter.Outcome;
    }

    private void Leave(WaitingLine line, Waiter waiter, RendezvousOutcome outcome)
    {
        bool left;
        lock (_lock) left = line.Remove(waiter);
        // Whoever took it out of the line first says how the wait ended.
        if (left) waiter.Complete(outcome);
    }
}
