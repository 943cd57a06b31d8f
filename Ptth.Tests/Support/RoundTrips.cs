using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>How long little messages take there and back through a tunnel, one after the other.</summary>
/// <param name="sorted">What each took.</param>
internal sealed class RoundTrips(TimeSpan[] sorted)
{
    /// <summary>
    /// What a quarter of them took at most. Whatever holds bytes back until more come, or an acknowledgement, does so nearly each time; a busy
    /// machine does not.
    /// </summary>
    public TimeSpan LowerQuartile => sorted[sorted.Length / 4];

    /// <summary>What half of them took at most.</summary>
    public TimeSpan Median => sorted[sorted.Length / 2];

    /// <summary>Measures so many.</summary>
    public static async Task<RoundTrips> MeasureAsync(Socket asks, Socket answers, byte[] message, int count, CancellationToken token)
    {
        byte[] received = new byte[message.Length];
        var took = new TimeSpan[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await asks.SendAllAsync(message, token);
            await answers.ReceiveExactlyAsync(received, token);
            await answers.SendAllAsync(received, token);
            await asks.ReceiveExactlyAsync(received, token);
            took[i] = Stopwatch.GetElapsedTime(start);
            Assert.That(received, Is.EqualTo(message));
        }

        Array.Sort(took);
        return new RoundTrips(took);
    }
}
