using Microsoft.Extensions.Logging;
using Ptth.Proxy.Live;
using Ptth.Proxy.Probes;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Tunnels;

/// <summary>
/// Finds out whether the path to the relay takes streams: whether the relay sees the beginning of a body while that is open, and whether one
/// that is longer than any bound is let pass. What was found holds until the relay could not be reached, or a tunnel broke; where a probe
/// comes to nothing, what was found before does, and streams at first.
/// </summary>
/// <param name="relay">The relay.</param>
/// <param name="link">Tells when the path may have become another one.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told what was found.</param>
/// <param name="stopping">Ends a probe that is under way.</param>
internal sealed class UploadProbe(RelayClient relay, RelayLink link, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    /// <summary>How long a tunnel waits for a probe: half of the time in which it has to begin its upload.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a finding holds at least, so that a relay that comes and goes is not probed for each tunnel.</summary>
    private static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Task? _finding;
    private long _begunAt;
    private int _lossesThen;
    private bool _isDoubted;
    private bool _needsSegments;

    /// <summary>Whether uploads are to go in segments; probes where nothing is known.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/>.</exception>
    public async ValueTask<bool> NeedsSegmentsAsync(CancellationToken cancellation)
    {
        try
        {
            await Find().WaitAsync(Patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            // What is known will do.
        }

        return Volatile.Read(ref _needsSegments);
    }

    /// <summary>A tunnel broke: the path may be another one. The next tunnel probes it again.</summary>
    public void Doubt()
    {
        lock (_lock) _isDoubted = true;
    }

    /// <summary>An intermediary has refused a stream for its length.</summary>
    public void OnRefused()
    {
        lock (_lock) Hold(Task.CompletedTask);
        Set("something between here and the relay refused a stream (413)");
    }

    /// <summary>The probe that is under way, or the last one where that still holds; else a new one. It serves all who wait: none of them ends it.</summary>
    private Task Find()
    {
        lock (_lock)
        {
            bool isOutdated = (_isDoubted || _lossesThen != link.Losses) && time.GetElapsedTime(_begunAt) >= LeastHold;
            if (_finding is { } finding && !(finding.IsCompleted && isOutdated)) return finding;
            return Hold(Task.Run(ProbeAsync, CancellationToken.None));
        }
    }

    /// <summary>A finding that holds from now on; under the lock.</summary>
    private Task Hold(Task finding)
    {
        _begunAt = time.GetTimestamp();
        _isDoubted = false;
        _lossesThen = link.Losses;
        return _finding = finding;
    }

    private async Task ProbeAsync()
    {
        try
        {
            long asked = time.GetTimestamp();
            RequestBuffering buffering = await new RequestBufferingProbe(relay, time).RunAsync(stopping);
            switch (buffering)
            {
                case { Outcome: ProbeOutcome.Measured, IsHeld: true }:
                    Set("something between here and the relay holds bodies back until they end");
                    break;
                case { Outcome: ProbeOutcome.Measured }:
                    // Who refuses is no farther away than the relay; but the first probe may have had connections that were kept, and this one none.
                    SizeCap cap = await SizeCapProbe.AskLongestAsync(relay, time, 2 * time.GetElapsedTime(asked), stopping);
                    Set(cap.RefusedLength is null ? null : "something between here and the relay takes no long bodies");
                    break;
                case { Outcome: ProbeOutcome.Refused, Answer: { IsRelays: false, Status: (411 or 413 or 501) and var status } }:
                    Set($"something between here and the relay refuses streams ({status})");
                    break;
                case { Outcome: ProbeOutcome.Refused, Answer: { IsRelays: true, Status: 426 } }:
                    ProxyLog.NoStreams(logger);
                    break;
                case { Outcome: ProbeOutcome.Failed } or { Outcome: ProbeOutcome.Refused, Answer.Status: 429 or 502 or 503 or 504 }:
                    // The relay is away, perhaps behind something that is there, or has no place for a probe. Whoever waits finds that out in
                    // its own way, and who comes next is to try again.
                    lock (_lock) _finding = null;
                    break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody wants to know any more.
        }
    }

    /// <param name="reason">Why uploads go in segments; null where they do not.</param>
    private void Set(string? reason)
    {
        bool needed = reason is not null;
        bool isNew = Interlocked.Exchange(ref _needsSegments, needed) != needed;
        if (needed && isNew) ProxyLog.InSegments(logger, reason!);
        else if (!needed) ProxyLog.AsStreams(logger);
    }
}
