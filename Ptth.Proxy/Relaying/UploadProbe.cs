using Microsoft.Extensions.Logging;

namespace Ptth.Proxy.Relaying;

/// <summary>
/// Finds out whether the path to the relay takes streams: sends the beginning of a body to a place of the relay's that answers while the
/// body is open, and then the head of one that is longer than any bound. What is found holds until it is to be forgotten.
/// </summary>
internal sealed class UploadProbe(RelayClient relay, TimeProvider time, ILogger logger)
{
    /// <summary>How long an answer may take: more than a round trip to anywhere, and less than a user waits.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a finding holds at least, so that a relay that comes and goes is not probed for each tunnel.</summary>
    private static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(30);

    /// <summary>Longer than any bound, short of those who read it as a number of 32 bits with a sign or without.</summary>
    private const long LongBodyBytes = 1L << 40;

    private readonly Lock _lock = new();
    private Task<bool>? _finding;
    private long _foundAt;

    /// <summary>Whether uploads are to go in segments; probes where nothing is known. Never throws but for the cancellation.</summary>
    public Task<bool> NeedsSegmentsAsync(CancellationToken cancellation)
    {
        Task<bool> finding;
        lock (_lock)
        {
            if (_finding is null)
            {
                _foundAt = time.GetTimestamp();
                // It serves all who wait for it: none of them may end it.
                _finding = Task.Run(ProbeAsync, CancellationToken.None);
            }

            finding = _finding;
        }

        return finding.WaitAsync(cancellation);
    }

    /// <summary>The path may have changed: the next tunnel is to probe it again.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            if (_finding is { IsCompleted: true } && time.GetElapsedTime(_foundAt) >= LeastHold) _finding = null;
        }
    }

    /// <summary>An intermediary has refused a stream for its length.</summary>
    public void OnRefused()
    {
        lock (_lock)
        {
            _finding = Task.FromResult(true);
            _foundAt = time.GetTimestamp();
        }

        ProxyLog.InSegments(logger, "something between here and the relay refused a stream (413)");
    }

    private async Task<bool> ProbeAsync()
    {
        try
        {
            int? open = await relay.ProbeUploadAsync(length: null, AnswerTime);
            string? reason = open switch
            {
                null => "something between here and the relay holds bodies back until they end",
                411 or 413 or 501 => $"something between here and the relay refuses streams ({open})",
                _ => null,
            };
            if (reason is null && open == 200 && await relay.ProbeUploadAsync(LongBodyBytes, AnswerTime) == 413)
                reason = "something between here and the relay takes no long bodies";
            if (reason is not null) ProxyLog.InSegments(logger, reason);
            return reason is not null;
        }
        catch (Exception failure) when (Http.Transport.Connection.IsConnectionFailure(failure))
        {
            // Nothing is known; whoever waits finds the relay away in its own way.
            lock (_lock) _finding = null;
            return false;
        }
    }
}
