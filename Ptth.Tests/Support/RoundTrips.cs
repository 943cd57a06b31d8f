using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>How long little messages take there and back through a tunnel, one after the other.</summary>
/// <param name="sorted">What each took.</param>
internal sealed class RoundTrips(TimeSpan[] sorted)
{
    /// <summary>
    /// Less than whatever waits for an acknowledgement takes, which is 40 ms, and what waits for more to come never gets; more than a busy
    /// machine makes of it.
    /// </summary>
    public static TimeSpan Bound { get; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The most that something in between may add.</summary>
    public static TimeSpan Added { get; } = TimeSpan.FromMilliseconds(10);

    /// <summary>What a quarter of them took at most: what holds bytes back does so nearly each time, and other work of the machine does not.</summary>
    public TimeSpan LowerQuartile => sorted[sorted.Length / 4];

    /// <summary>What half of them took at most.</summary>
    public TimeSpan Median => sorted[sorted.Length / 2];

    /// <summary>Measures so many on each way. The ways take turns, so that what else the machine does is the same for all.</summary>
    public static async Task<RoundTrips[]> MeasureAsync((Socket Asks, Socket Answers)[] ways, byte[] message, int count, CancellationToken token)
    {
        byte[] received = new byte[message.Length];
        TimeSpan[][] took = [.. ways.Select(_ => new TimeSpan[count])];
        for (int i = 0; i < count; i++)
        {
            foreach ((int way, (Socket asks, Socket answers)) in ways.Index())
            {
                long start = Stopwatch.GetTimestamp();
                await asks.SendAllAsync(message, token);
                await answers.ReceiveExactlyAsync(received, token);
                await answers.SendAllAsync(received, token);
                await asks.ReceiveExactlyAsync(received, token);
                took[way][i] = Stopwatch.GetElapsedTime(start);
                Assert.That(received, Is.EqualTo(message));
            }
        }

        return [.. took.Select(static times => new RoundTrips([.. times.Order()]))];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{LowerQuartile.TotalMilliseconds:0.00} ms, the median {Median.TotalMilliseconds:0.00} ms");
}
