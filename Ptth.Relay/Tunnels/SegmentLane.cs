using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Tunnels;

/// <summary>
/// Lets the segments of one direction in, one at a time. A newcomer breaks off the one before, whose connection may be dead without anyone
/// having been told, and waits until that has ended: only then is it known how much of it was handed on.
/// </summary>
internal sealed class SegmentLane
{
    /// <summary>
    /// How many segments in a row may break off without a byte handed on. Intermediaries give up on a receiver that stands still after a
    /// minute: it may stand still for an hour and a half.
    /// </summary>
    public const int MaxBroken = 100;

    private readonly Lock _lock = new();
    private ServerExchange? _holder;
    private ServerExchange? _next;
    private TaskCompletionSource<bool>? _nextTurn;
    private long _resumeBy = Ticker.Never;
    private int _brokenInRow;
    private bool _isBroken;

    /// <summary>Waits for a segment's turn; false where another one came meanwhile, or the tunnel has ended: the exchange was broken off.</summary>
    public Task<bool> EnterAsync(ServerExchange exchange)
    {
        ServerExchange holder;
        ServerExchange? displaced;
        TaskCompletionSource<bool>? displacedTurn;
        Task<bool> turn;
        lock (_lock)
        {
            if (_isBroken) return Task.FromResult(false);
            _resumeBy = Ticker.Never;
            if (_holder is null)
            {
                _holder = exchange;
                return Task.FromResult(true);
            }

            (holder, displaced, displacedTurn) = (_holder, _next, _nextTurn);
            _next = exchange;
            _nextTurn = new TaskCompletionSource<bool>();
            turn = _nextTurn.Task;
        }

        displaced?.Abort();
        displacedTurn?.TrySetResult(false);
        holder.Abort();
        return turn;
    }

    /// <summary>Waits no longer; false where its turn has come meanwhile, or will never come.</summary>
    public bool TryWithdraw(ServerExchange exchange)
    {
        lock (_lock)
        {
            if (_next != exchange) return false;
            _next = null;
            _nextTurn = null;
            return true;
        }
    }

    /// <summary>The segment whose turn it was has ended. Before it is answered: the answer may bring the next one.</summary>
    public void Leave()
    {
        TaskCompletionSource<bool>? turn;
        lock (_lock)
        {
            _holder = _next;
            turn = _nextTurn;
            _next = null;
            _nextTurn = null;
        }

        turn?.TrySetResult(true);
    }

    /// <summary>The segment whose turn it is has broken off. Where a newcomer waits already, its sender has come again.</summary>
    /// <param name="bytes">How many of its bytes were handed on.</param>
    /// <param name="resumeBy">When another one must have come, in the ticker's time.</param>
    /// <returns>False where too many have.</returns>
    public bool TryBreak(long bytes, long resumeBy)
    {
        lock (_lock)
        {
            _brokenInRow = bytes > 0 ? 0 : _brokenInRow + 1;
            if (_next is null) _resumeBy = resumeBy;
            return _brokenInRow < MaxBroken;
        }
    }

    /// <summary>Whether a segment that broke off has had no successor for too long.</summary>
    public bool IsOverdue(long nowMilliseconds)
    {
        lock (_lock) return _holder is null && nowMilliseconds >= _resumeBy;
    }

    /// <summary>The tunnel has ended before its time: breaks off what is there, and all that comes.</summary>
    public void Break()
    {
        ServerExchange? holder, next;
        TaskCompletionSource<bool>? turn;
        lock (_lock)
        {
            _isBroken = true;
            (holder, next, turn) = (_holder, _next, _nextTurn);
            _next = null;
            _nextTurn = null;
        }

        holder?.Abort();
        next?.Abort();
        turn?.TrySetResult(false);
    }
}
