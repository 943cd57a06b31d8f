namespace Ptth.Proxy.Relaying;

/// <summary>
/// When to try the relay again: after 0.25 s, then twice as long each time up to 30 s, each shortened by up to half at random so that
/// many proxies do not come back in one wave. Where the relay may only be being started again it begins with 0.05 s, and for a minute no
/// wait is longer than 1 s: clients wait for this proxy meanwhile. Shared by all loops of a proxy: failures that come together count once,
/// and one loop's success lets all others go on at once.
/// </summary>
internal sealed class Backoff(TimeProvider time, Random random)
{
    /// <summary>The first wait, before it is shortened.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.25);

    /// <summary>The first wait for a relay that may be being started again, before it is shortened.</summary>
    public static readonly TimeSpan FirstOfRestart = TimeSpan.FromSeconds(0.05);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait while the relay may be being started again.</summary>
    public static readonly TimeSpan LongestOfRestart = TimeSpan.FromSeconds(1);

    /// <summary>How long that may take.</summary>
    public static readonly TimeSpan Restart = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _failures;
    private long _firstFailure;
    private long _notBefore;
    private TaskCompletionSource _recovered = NewSignal();

    /// <summary>
    /// Notes a failure; says how long to wait, and whether it is to be told: the first of those that came together, and of those of a
    /// restart the very first alone.
    /// </summary>
    /// <param name="mayPass">Whether the relay may only be being started again.</param>
    public (TimeSpan Wait, bool IsNew) Failed(bool mayPass)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            bool isNew = _failures == 0 || now >= _notBefore;
            if (isNew)
            {
                if (_failures == 0) _firstFailure = now;
                bool isRestart = mayPass && time.GetElapsedTime(_firstFailure, now) < Restart;
                (TimeSpan first, TimeSpan longest) = isRestart ? (FirstOfRestart, LongestOfRestart) : (First, Longest);
                double seconds = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 16)));
                isNew = _failures == 0 || !isRestart;
                seconds *= 1 - (random.NextDouble() / 2);
                _failures++;
                _notBefore = now + (long)(seconds * time.TimestampFrequency);
            }

            return (time.GetElapsedTime(now, _notBefore), isNew);
        }
    }

    /// <summary>Notes a success; says whether it ends a row of failures.</summary>
    public bool Succeeded()
    {
        TaskCompletionSource recovered;
        lock (_lock)
        {
            if (_failures == 0) return false;
            _failures = 0;
            recovered = _recovered;
            _recovered = NewSignal();
        }

        recovered.SetResult();
        return true;
    }

    /// <summary>Waits that long, or until somebody succeeds.</summary>
    public async Task WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        Task recovered;
        lock (_lock)
        {
            // Somebody succeeded between the failure and this wait.
            if (_failures == 0) return;
            recovered = _recovered.Task;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(Task.Delay(wait, time, ended.Token), recovered);
        await ended.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
