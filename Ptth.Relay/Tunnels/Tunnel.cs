using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;

namespace Ptth.Relay.Tunnels;

/// <summary>How an attempt to join a tunnel went.</summary>
internal enum JoinResult
{
    /// <summary>Joined.</summary>
    Joined,

    /// <summary>That half of the connection is attached already.</summary>
    Taken,

    /// <summary>The tunnel has ended.</summary>
    Gone,
}

/// <summary>One connection from a client to a server's port: four exchanges, two directions.</summary>
/// <code>
///            TryAccept                 both directions end cleanly
///   Offered ───────────▶ Accepted ───────────────────────────────▶ Ended (Completed)
///      │                    │  any failure, time-out or stop
///      │ reject, time-out,  └───────────────────────────────────▶ Ended: every exchange that joined is aborted,
///      │ client gone                                               so that each receiver sees a truncated stream
///      └────────────────────────────────────────────────────────▶ Ended
/// </code>
internal sealed class Tunnel : ITicked
{
    private readonly TunnelTable _table;
    private readonly IdleGuard _idleGuard;
    private readonly Lock _lock = new();
    private readonly List<ServerExchange> _exchanges = new(capacity: 4);
    private readonly TaskCompletionSource<bool> _accepted = new();
    private bool _isAccepted;
    private bool _isSettled;
    private bool _serverWasFirst;
    private long _attachDeadline;

    public Tunnel(Offer offer, TunnelTable table, RelayTimeouts timeouts, long startedMilliseconds, (FlowPace Up, FlowPace Down)? paces = null)
    {
        Offer = offer;
        StartedMilliseconds = startedMilliseconds;
        _table = table;
        _idleGuard = new IdleGuard(timeouts.Idle, timeouts.HalfClosedIdle);
        Up = new TunnelDirection(OnDirectionAttached, OnDirectionEnded, paces?.Up);
        Down = new TunnelDirection(OnDirectionAttached, OnDirectionEnded, paces?.Down);
    }

    /// <summary>Who wants what, and the ID.</summary>
    public Offer Offer { get; }

    /// <summary>When it began, in the ticker's time.</summary>
    public long StartedMilliseconds { get; }

    /// <summary>From the client to the server.</summary>
    public TunnelDirection Up { get; }

    /// <summary>From the server to the client.</summary>
    public TunnelDirection Down { get; }

    /// <summary>How fast it was when the relay last looked; belongs to whoever looks.</summary>
    public RateSample Rate = RateSample.None;

    /// <summary>How its server was told of it last; null where that is known to have come about, or was of no use.</summary>
    public Announcement? Announced { get; set; }

    /// <summary>Whether its table still counts it; guarded by the table's lock.</summary>
    public bool IsCounted { get; set; } = true;

    /// <summary>Whether the server has accepted, or the tunnel has ended.</summary>
    public bool IsAnswered => _accepted.Task.IsCompleted;

    /// <summary>Whether both directions have both of their halves.</summary>
    public bool IsAttached => Up.IsAttached && Down.IsAttached;

    /// <summary>The key that its client came with; null before that is known.</summary>
    public LiveKey? ClientKey { get; set; }

    /// <summary>The key that its server accepted it with; null before that.</summary>
    public LiveKey? ServerKey { get; set; }

    /// <summary>How it ended; null while it has not.</summary>
    public TunnelEnd? End { get; private set; }

    /// <summary>What the server's proxy agreed to of <see cref="Offer.Extras"/>; null for nothing. Known once it is accepted.</summary>
    public string? Agreed { get; private set; }

    /// <summary>Through whom it ended; of a clean end, who was the first to have said all.</summary>
    public EndedBy By => End switch
    {
        TunnelEnd.Completed => _serverWasFirst ? EndedBy.Server : EndedBy.Client,
        TunnelEnd.ClientBroke or TunnelEnd.ClientInvalid => EndedBy.Client,
        TunnelEnd.ServerBroke or TunnelEnd.ServerInvalid or TunnelEnd.Rejected or TunnelEnd.NotAccepted => EndedBy.Server,
        TunnelEnd.Closed or TunnelEnd.KeyGone => EndedBy.Operator,
        _ => EndedBy.Relay,
    };

    /// <summary>Why the server rejected it, where it did.</summary>
    public Problem? Rejection { get; private set; }

    /// <summary>Completes when the server has accepted (true) or the tunnel has ended without that (false).</summary>
    public Task<bool> Accepted => _accepted.Task;

    /// <summary>The client's connect joins; it is there from the start.</summary>
    public void JoinConnect(ServerExchange connect)
    {
        lock (_lock) _exchanges.Add(connect);
    }

    /// <summary>The server's accept joins.</summary>
    /// <param name="accept">The exchange.</param>
    /// <param name="attachDeadline">When all four streams must be attached, in the ticker's time.</param>
    /// <param name="agreed">What the server's proxy agrees to of the offer's extras.</param>
    public JoinResult TryAccept(ServerExchange accept, long attachDeadline, string? agreed)
    {
        lock (_lock)
        {
            if (End is not null) return JoinResult.Gone;
            if (_isAccepted) return JoinResult.Taken;
            _isAccepted = true;
            Announced = null;
            Agreed = agreed;
            _attachDeadline = attachDeadline;
            _exchanges.Add(accept);
        }

        _accepted.TrySetResult(true);
        return JoinResult.Joined;
    }

    /// <summary>A sender's request joins.</summary>
    public JoinResult TryJoin(TunnelDirection direction, ServerExchange sender)
    {
        lock (_lock)
        {
            if (End is not null) return JoinResult.Gone;
            if (direction.Sender is not null || direction.Segments is not null) return JoinResult.Taken;
            direction.Sender = sender;
            _exchanges.Add(sender);
            return JoinResult.Joined;
        }
    }

    /// <summary>A sender's segment joins. It is let in also when its direction has ended cleanly: its sender may not have been told.</summary>
    public JoinResult TryJoinSegment(TunnelDirection direction, out SegmentLane? lane)
    {
        lock (_lock)
        {
            lane = direction.Segments;
            if (End is not null && !(End == TunnelEnd.Completed && lane is not null)) return JoinResult.Gone;
            if (direction.Sender is not null) return JoinResult.Taken;
            lane ??= direction.OpenSegments();
            return JoinResult.Joined;
        }
    }

    /// <summary>Whether a party's bytes came as a sequence of requests, so that it may ask about them after the end.</summary>
    public bool HasSegments => Up.Segments is not null || Down.Segments is not null;

    /// <summary>The server cannot connect.</summary>
    public JoinResult TryReject(Problem reason)
    {
        lock (_lock)
        {
            if (End is not null) return JoinResult.Gone;
            if (_isAccepted) return JoinResult.Taken;
            Rejection = reason;
        }

        return FailUnlessAccepted(TunnelEnd.Rejected) ? JoinResult.Joined : JoinResult.Gone;
    }

    /// <summary>Ends the tunnel if it has not begun; says whether it did.</summary>
    public bool FailUnlessAccepted(TunnelEnd end) => TryFail(end, spared: null, onlyIfOffered: true);

    /// <summary>Ends the tunnel before its time: every exchange that joined is broken off. Only the first reason counts.</summary>
    /// <param name="end">Why.</param>
    /// <param name="spared">An exchange that is still to be answered: the one whose framing was wrong.</param>
    public void Fail(TunnelEnd end, ServerExchange? spared = null) => TryFail(end, spared, onlyIfOffered: false);

    /// <summary>Ends it for an operator; false where it has ended already.</summary>
    public bool TryClose() => TryFail(TunnelEnd.Closed, spared: null, onlyIfOffered: false);

    private bool TryFail(TunnelEnd end, ServerExchange? spared, bool onlyIfOffered)
    {
        ServerExchange[] exchanges;
        lock (_lock)
        {
            if (End is not null || (onlyIfOffered && _isAccepted)) return false;
            End = end;
            // Before the accept the connect, which joined first, still gets an answer.
            exchanges = _isAccepted ? [.. _exchanges] : [.. _exchanges.Skip(1)];
            _exchanges.Clear();
        }

        foreach (ServerExchange exchange in exchanges)
        {
            if (exchange != spared) exchange.Abort();
        }

        Up.Break();
        Down.Break();
        // The count first: whoever waits for the outcome may ask for the next tunnel.
        _table.OnEnded(this, end);
        Settle();
        _accepted.TrySetResult(false);
        return true;
    }

    /// <summary>The client's key was taken away while its connect waits: that is still answered.</summary>
    public void OnClientKeyGone()
    {
        ServerExchange? connect;
        lock (_lock) connect = _exchanges.FirstOrDefault();
        Fail(TunnelEnd.KeyGone);
        connect?.EndWait();
    }

    /// <summary>Ends the tunnel if one of its keys has been taken away. To be asked after a key was noted: it may have gone just before.</summary>
    public void EndIfKeyIsGone()
    {
        // Whoever notes a key and then asks, and whoever takes one away and then looks: one of the two sees the other's.
        Interlocked.MemoryBarrier();
        if (ClientKey is { IsGone: true } || ServerKey is { IsGone: true }) Fail(TunnelEnd.KeyGone);
    }

    /// <summary>The receiver of a direction closed its connection: a break, unless it has been told of the clean end.</summary>
    public void OnReceiverGone(TunnelDirection direction)
    {
        // A receiver that closes on the last chunk may be seen to do so before the flow knows that it was sent.
        if (!direction.IsEnding) Fail(direction == Down ? TunnelEnd.ClientBroke : TunnelEnd.ServerBroke);
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        if (!IsAnswered)
        {
            if (Announced is { } announced && announced.IsTakenBack(nowMilliseconds)) Announced = null;
            return;
        }

        Announced = null;
        if (!IsAttached)
        {
            if (nowMilliseconds >= _attachDeadline) Fail(TunnelEnd.NotAttached);
            return;
        }

        if (Up.Segments is { } up && up.IsOverdue(nowMilliseconds)) Fail(TunnelEnd.ClientBroke);
        if (Down.Segments is { } down && down.IsOverdue(nowMilliseconds)) Fail(TunnelEnd.ServerBroke);
        // Whoever waits for its turn has something to move.
        if (Up.IsPaced || Down.IsPaced) _idleGuard.Restart();
        if (_idleGuard.IsExpired(nowMilliseconds, Up.Bytes + Down.Bytes, Up.HasEnded || Down.HasEnded)) Fail(TunnelEnd.Idle);
    }

    private void OnDirectionAttached()
    {
        // Bytes that come as a sequence of requests have the ID named again until their end.
        if (Up.IsAttached && Down.IsAttached && Up.Segments is null && Down.Segments is null) Settle();
    }

    /// <summary>No request is to come any more that has to name the ID.</summary>
    private void Settle()
    {
        if (!Interlocked.Exchange(ref _isSettled, true)) _table.OnSettled();
    }

    private void OnDirectionEnded(TunnelDirection direction, FlowResult result)
    {
        bool isUp = direction == Up;
        switch (result.End)
        {
            case FlowEnd.Clean:
                CompleteIfBothEnded(direction);
                break;
            case FlowEnd.SourceFailed:
                Fail(isUp ? TunnelEnd.ClientBroke : TunnelEnd.ServerBroke);
                break;
            case FlowEnd.DestinationFailed:
                Fail(isUp ? TunnelEnd.ServerBroke : TunnelEnd.ClientBroke);
                break;
            default:
                Fail(isUp ? TunnelEnd.ClientInvalid : TunnelEnd.ServerInvalid, direction.Sender);
                break;
        }
    }

    private void CompleteIfBothEnded(TunnelDirection direction)
    {
        TunnelDirection other = direction == Up ? Down : Up;
        lock (_lock)
        {
            direction.EndedCleanly = true;
            if (!other.EndedCleanly) _serverWasFirst = direction == Down;
            if (!other.EndedCleanly || End is not null) return;
            End = TunnelEnd.Completed;
            _exchanges.Clear();
        }

        _table.OnEnded(this, TunnelEnd.Completed);
        Settle();
    }
}
