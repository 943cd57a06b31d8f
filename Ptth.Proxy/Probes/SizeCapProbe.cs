using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>
/// Looks for a bound of request bodies: by heads with a Content-Length, of whose bodies only the first byte is sent, and by a chunked body that
/// is sent whole.
/// </summary>
/// <param name="relay">The relay.</param>
/// <param name="time">The clock.</param>
/// <param name="bytes">How long the chunked body is at most, at most <see cref="ProbeOrder.MaxBytes"/>; less where it takes longer than <see cref="ProbeOrder.MaxTime"/>.</param>
internal sealed class SizeCapProbe(RelayClient relay, TimeProvider time, long bytes)
{
    /// <summary>Longer than any bound, short of those who read it as a number of 32 bits with a sign or without.</summary>
    private const int LongestPower = 40;

    /// <summary>Shorter than any bound that is worth a name.</summary>
    private const int ShortestPower = 10;

    /// <summary>The bound is found to one part in so many.</summary>
    private const int Precision = 64;

    /// <summary>How long the answer to a head may take: an intermediary has it at hand.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(200);

    /// <summary>Where one question is all: time for a segment of TCP that is lost, which is sent again after 200 ms.</summary>
    private static readonly TimeSpan LeastPatienceForOne = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Runs it.</summary>
    public Task<SizeCap> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new SizeCap { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    /// <summary>Looks only whether a body is refused that is longer than any bound.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="time">The clock.</param>
    /// <param name="patience">
    /// How long a refusal may take, within bounds of its own: there are those who keep every answer until the body ends, where it is waited for in
    /// vain.
    /// </param>
    /// <param name="cancellation">The caller's.</param>
    public static Task<SizeCap> AskLongestAsync(RelayClient relay, TimeProvider time, TimeSpan patience, CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new SizeCap { Outcome = ProbeOutcome.Late }, run => MeasureLongestAsync(run, Bounded(patience, LeastPatienceForOne)), cancellation);

    private static async Task<SizeCap> MeasureLongestAsync(ProbeRun run, TimeSpan patience)
    {
        PathAnswer? refusal = await RefusalAsync(run, 1L << LongestPower, patience);
        return new SizeCap { Outcome = ProbeOutcome.Measured, RefusedLength = refusal is null ? null : 1L << LongestPower, Answer = refusal };
    }

    private async Task<SizeCap> MeasureAsync(ProbeRun run)
    {
        var found = new SizeCap { Outcome = ProbeOutcome.Measured };
        long asked = run.Time.GetTimestamp();
        if (await RefusalAsync(run, 1L << LongestPower, AnswerTime) is { } refusal)
        {
            // It needs to ask nobody: the next ones come as fast. What is let pass and held back would cost the whole time each.
            (long passed, long refused) = await FindAsync(run, Bounded(4 * run.Time.GetElapsedTime(asked), LeastPatience));
            found = found with { LongestLength = passed, RefusedLength = refused, Answer = refusal };
        }

        StreamRate stream;
        try
        {
            stream = await StreamSender.RunAsync(run, bytes);
        }
        catch (ProbeRefusedException) when (found.RefusedLength is not null)
        {
            // No streams at all: what was found is found all the same.
            return found;
        }

        if (stream.Outcome != ProbeOutcome.Measured && found.RefusedLength is null) return found with { Outcome = stream.Outcome };
        if (stream.Cut != StreamCut.None)
            found = found with { StreamCut = stream.Cut, StreamCutAfter = stream.Bytes, Answer = stream.Answer ?? found.Answer };
        return found with { StreamTried = stream.Sent };
    }

    private static TimeSpan Bounded(TimeSpan patience, TimeSpan least) => patience > AnswerTime ? AnswerTime : patience < least ? least : patience;

    /// <summary>Between which lengths the bound is.</summary>
    private static async Task<(long Passed, long Refused)> FindAsync(ProbeRun run, TimeSpan patience)
    {
        int low = ShortestPower, high = LongestPower;
        if (await RefusalAsync(run, 1L << low, patience) is not null) return (0, 1L << low);
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (await RefusalAsync(run, 1L << middle, patience) is null) low = middle;
            else high = middle;
        }

        (long passed, long refused) = (1L << low, 1L << high);
        for (long step = (refused - passed) / 2; step >= refused / Precision; step /= 2)
        {
            if (await RefusalAsync(run, passed + step, patience) is null) passed += step;
            else refused = passed + step;
        }

        return (passed, refused);
    }

    /// <summary>The answer 413 to a head with that length; null where it is let pass, or held.</summary>
    private static async Task<PathAnswer?> RefusalAsync(ProbeRun run, long length, TimeSpan patience)
    {
        ClientExchange exchange = await run.StartAsync(PtthPaths.ProbeUpload, length);
        Task<PathAnswer> reading = run.ReadAnswerAsync(exchange);
        await exchange.OpenRequestBody().Channel.SendAsync(ProbeBytes.At(0, 1));
        if (!await run.ComesAsync(reading, patience)) return null;
        PathAnswer answer = await reading;
        return answer.Status switch
        {
            200 => null,
            413 => answer,
            _ => throw new ProbeRefusedException(answer),
        };
    }
}
