using System.Net;

namespace Ptth.Http.Client;

/// <summary>Dials an address that may be back at any moment, or be another one by then.</summary>
/// <remarks>
/// One dial would not do: the kernel sends its SYN again after 1, 3, 7 s and so on, so that a path that is back goes unseen for as long again
/// as it was gone; it keeps to the address that the name had; and a name server that did not answer is asked again after 5 s only. So
/// another dial begins every 2 s, with the name looked up anew, and one to the address that was reached last. The first that gets through counts.
/// </remarks>
/// <param name="host">A name or an IP address.</param>
/// <param name="port">1 to 65535.</param>
/// <param name="timeout">Infinite, or for all of it.</param>
/// <param name="time">The clock.</param>
internal sealed class PersistentDialer(string host, int port, TimeSpan timeout, TimeProvider time)
{
    /// <summary>When the next ones begin.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    /// <summary>Dials at once: those of the usual time-out, 10 s. With a longer one the oldest gives way.</summary>
    public const int MaxDials = 9;

    private readonly bool _isName = !IPAddress.TryParse(host, out _);
    private volatile IPAddress? _last;

    /// <summary>Connects. A dial that fails, rather than not being answered, ends it all, unless it was to the former address of the name.</summary>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    public async Task<DialResult> DialAsync(CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        using var race = new DialRace(MaxDials, cancellation);
        Begin(host, isGuess: false);
        while (true)
        {
            if (await race.FirstAsync(Step, time) is not { } result)
            {
                if (_isName && _last is { } last) Begin(last.ToString(), isGuess: true);
                Begin(host, isGuess: false);
                continue;
            }

            if (_isName && result.Socket?.RemoteEndPoint is IPEndPoint reached) _last = reached.Address;
            return result;
        }

        void Begin(string at, bool isGuess)
        {
            TimeSpan waited = time.GetElapsedTime(start);
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - waited;
            if (left == Timeout.InfiniteTimeSpan || left > TimeSpan.Zero)
                race.Add(end => TcpDialer.DialAsync(at, port, left, waited, time, end), isGuess);
        }
    }
}
