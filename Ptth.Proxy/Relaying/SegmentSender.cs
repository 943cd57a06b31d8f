using System.Globalization;
using Ptth.Common.Protocol;
using Ptth.Http.Client;

namespace Ptth.Proxy.Relaying;

/// <summary>
/// Delivers the segments of one direction of one tunnel, one after the other. Where the connection is lost it asks the relay how far it got, and
/// sends the rest again.
/// </summary>
/// <param name="relay">The relay.</param>
/// <param name="path">Where this party's bytes go.</param>
/// <param name="id">The connection's ID.</param>
/// <param name="process">Which process of the relay made the connection; null where it did not say.</param>
/// <param name="bound">How long a segment may be. One that turns out to be longer goes in parts.</param>
/// <param name="time">The clock.</param>
internal sealed class SegmentSender(RelayClient relay, string path, ConnectionId id, string? process, SegmentBound bound, TimeProvider time)
{
    /// <summary>
    /// How long a relay that has broken off may be without an answer: as long as it waits for the other side itself. One that answers that
    /// it cannot say yet, since the receiver takes nothing, is there.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How often a segment may break off without a byte of it handed on; the relay's bound, too.</summary>
    private const int MaxBroken = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private long _acknowledged;

    /// <summary>Delivers a segment; completes when the relay has handed all of it on.</summary>
    /// <param name="segment">The bytes.</param>
    /// <param name="isLast">Whether the stream ends with them.</param>
    /// <param name="aborted">Breaks it off.</param>
    /// <returns>Null, or why it could not be delivered.</returns>
    public async Task<string?> DeliverAsync(ReadOnlyMemory<byte> segment, bool isLast, CancellationToken aborted)
    {
        long end = _acknowledged + segment.Length;
        int broken = 0;
        while (true)
        {
            int left = (int)(end - _acknowledged), length = Math.Min(left, bound.Bytes);
            SegmentAnswer answer = await TryAsync(segment.Slice(segment.Length - left, length), isLast && length == left, aborted);
            if (answer.Kind == SegmentOutcome.Refused || (answer.Kind == SegmentOutcome.TooLong && !bound.TryLower(length))) return answer.Text;
            if (answer.Kind == SegmentOutcome.Taken && answer.Next == _acknowledged + length)
            {
                _acknowledged = answer.Next;
                broken = 0;
                if (length == left) return null;
                continue;
            }

            long before = _acknowledged;
            if (await AskAsync(end, answer.Text, aborted) is { } problem) return problem;
            broken = _acknowledged > before || answer.Kind == SegmentOutcome.TooLong ? 0 : broken + 1;
            if (broken >= MaxBroken) return $"a segment broke off {MaxBroken} times in a row ({answer.Text})";
            if (_acknowledged == end && !isLast) return null;
        }
    }

    /// <summary>Asks how far the relay got, again and again, until it answers or patience is over; null, or what is wrong.</summary>
    private async Task<string?> AskAsync(long end, string why, CancellationToken aborted)
    {
        long start = time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await Task.Delay(pause, time, aborted);
            }
            catch (OperationCanceledException)
            {
                return "it was broken off";
            }

            SegmentAnswer answer = await TryAsync(default, isLast: false, aborted);
            if (answer.Kind == SegmentOutcome.Refused) return answer.Text;
            if (answer.Kind == SegmentOutcome.Taken)
            {
                if (answer.Next < _acknowledged || answer.Next > end) return "the relay tells of bytes that were not sent";
                _acknowledged = answer.Next;
                return null;
            }

            if (answer.Kind == SegmentOutcome.Elsewhere) start = time.GetTimestamp();
            else if (time.GetElapsedTime(start) >= Patience)
                return string.Create(CultureInfo.InvariantCulture, $"a segment broke off ({why}), and for {Patience.TotalSeconds} s the relay could not be asked how far it got");
        }
    }

    private async Task<SegmentAnswer> TryAsync(ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken aborted)
    {
        try
        {
            return await relay.SendSegmentAsync(path, id, process, _acknowledged, bytes, isLast, aborted);
        }
        catch (ExchangeException failure)
        {
            return new SegmentAnswer(SegmentOutcome.Lost, 0, failure.Message);
        }
        catch (OperationCanceledException)
        {
            return new SegmentAnswer(SegmentOutcome.Refused, 0, "it was broken off");
        }
    }
}
