namespace Ptth.Http.Transport;

/// <summary>
/// Finds a peer that is gone without a word while something that was sent to it waits to be acknowledged. Keepalive finds it only on a
/// connection at rest: with bytes under way the kernel goes on sending them again, for a quarter of an hour by default.
/// </summary>
/// <remarks>
/// TCP_USER_TIMEOUT would not do: it also ends connections whose receiver is there and takes nothing for a while. What counts here is how
/// long nothing at all has come from the peer, no acknowledgement either. A window that is closed is asked about by probes, two minutes
/// apart at the most: one that was lost says nothing about the peer, so that there more are waited for than keepalive has.
/// </remarks>
public struct PeerSilence
{
    /// <summary>
    /// How long a peer may be silent, milliseconds. By then the same bytes have been sent seven times at a usual round trip, the last time a few
    /// seconds ago; a path that is gone for shorter, as where a phone changes its cell, is borne.
    /// </summary>
    public const long MaxMilliseconds = 20_000;

    /// <summary>How often the kernel is asked, milliseconds: often enough to be near the bound, too seldom to cost.</summary>
    private const long IntervalMilliseconds = 5_000;

    private long _nextCheck;
    private long _since;

    /// <summary>Whether the peer has been silent for too long. Called about once a second by one thread at a time.</summary>
    /// <param name="channel">The connection to it.</param>
    /// <param name="nowMilliseconds">The time, as <see cref="Ticker.NowMilliseconds"/>.</param>
    public bool IsTooLong(ByteChannel channel, long nowMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (nowMilliseconds < _nextCheck) return false;
        bool isFirst = _nextCheck == 0;
        _nextCheck = nowMilliseconds + IntervalMilliseconds;
        if (isFirst || channel.Debt is not { } debt || !(debt.HasSegments || debt.Probes > TcpOptions.KeepAliveProbes))
        {
            _since = nowMilliseconds;
            return false;
        }

        // What is sent after hours of rest does not wait for hours.
        return Math.Min(debt.SilentMilliseconds, nowMilliseconds - _since) >= MaxMilliseconds;
    }
}
