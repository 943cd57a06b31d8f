using Ptth.Http.Transport;

namespace Ptth.Relay.Tunnels;

/// <summary>The answer to a listen by which a server was told of a tunnel.</summary>
/// <param name="listen">The listen's connection; not the exchange, which would be kept alive.</param>
/// <param name="sentMilliseconds">When the answer was sent, in the ticker's time.</param>
/// <param name="takeBack">Gives the tunnel to another listen.</param>
internal sealed class Announcement(ByteChannel listen, long sentMilliseconds, Action takeBack)
{
    /// <summary>
    /// How long a server's host may take to acknowledge it, milliseconds; asked each second. One that is there and whose path loses a packet does so
    /// after a second try of its peer's; where it takes longer it may still accept, and another one that was told as well is refused.
    /// </summary>
    private const long MaxMilliseconds = 1000;

    /// <summary>
    /// Gives the tunnel to another listen where the answer went nowhere: its connection was there for the relay alone, since something on
    /// the way had forgotten it or the server's host had gone.
    /// </summary>
    /// <param name="nowMilliseconds">The time.</param>
    /// <returns>Whether it did; then this one need not be asked again.</returns>
    public bool IsTakenBack(long nowMilliseconds)
    {
        if (nowMilliseconds - sentMilliseconds < MaxMilliseconds) return false;
        if (listen.Debt is not { HasSegments: true, SilentMilliseconds: >= MaxMilliseconds }) return false;
        takeBack();
        return true;
    }
}
