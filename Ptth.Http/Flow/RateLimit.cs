namespace Ptth.Http.Flow;

/// <summary>
/// A bound in bytes per second for all flows that share it: a token bucket, kept as the time up to which all bytes are paid. Bytes are
/// moved first and paid for afterwards, by waiting until their own time has come; so flows that share a limit take turns, one piece each.
/// </summary>
public sealed class RateLimit
{
    /// <summary>The lowest rate, bytes per second: one piece a second.</summary>
    public const int LeastBytesPerSecond = 1024;

    /// <summary>
    /// Pieces in a second, and what an idle limit saves up at most: an eighth of a second's bytes. More would make a slow rate jerky.
    /// </summary>
    private const int PiecesPerSecond = 8;

    /// <summary>The smallest piece, bytes: below it the calls cost more than the bytes.</summary>
    private const int LeastPieceBytes = 1024;

    /// <summary>The largest piece, bytes: what a kernel pipe holds.</summary>
    private const int MostPieceBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private long _bytesPerSecond;
    private readonly TimeProvider _time;
    private long _paidUntil;
    private int _waiting;

    /// <summary>A limit of so many bytes per second, at least <see cref="LeastBytesPerSecond"/>.</summary>
    public RateLimit(long bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, LeastBytesPerSecond);
        ArgumentNullException.ThrowIfNull(time);
        _bytesPerSecond = bytesPerSecond;
        _time = time;
        _paidUntil = long.MinValue;
    }

    /// <summary>The bound, at least <see cref="LeastBytesPerSecond"/>; another one counts from the next piece on.</summary>
    public long BytesPerSecond
    {
        get => Volatile.Read(ref _bytesPerSecond);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, LeastBytesPerSecond);
            Volatile.Write(ref _bytesPerSecond, value);
        }
    }

    /// <summary>How much a flow should move at a time; the less, the more of them wait for their turn.</summary>
    internal int PieceBytes =>
        (int)Math.Clamp(BytesPerSecond / PiecesPerSecond / (1 + Volatile.Read(ref _waiting)), LeastPieceBytes, MostPieceBytes);

    /// <summary>Notes bytes that were moved; 0 asks only.</summary>
    /// <returns>The time, as <see cref="TimeProvider.GetTimestamp"/>, at which all bytes so far are paid.</returns>
    internal long Charge(long bytes)
    {
        long frequency = _time.TimestampFrequency;
        long cost = (long)((Int128)bytes * frequency / BytesPerSecond);
        lock (_lock)
        {
            long saved = _time.GetTimestamp() - (frequency / PiecesPerSecond);
            return _paidUntil = Math.Max(_paidUntil, saved) + cost;
        }
    }

    /// <summary>A flow has begun to wait for its turn (1), or has ended that (-1).</summary>
    internal void ChangeWaiting(int by) => Interlocked.Add(ref _waiting, by);
}
