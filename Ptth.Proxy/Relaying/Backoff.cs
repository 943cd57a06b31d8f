namespace Ptth.Proxy.Relaying;

/// <summary>
/// When to try the relay again: after 0.25 s, then twice as long each time, each shortened by up to half at random so that many proxies do
/// not come back in one wave. Where the relay may only be being started again it begins with 0.05 s, and for a minute no wait is longer than
/// 1 s: clients wait for this proxy meanwhile. Later, and where the relay cannot be reached or what answers is none, no wait is longer than
/// 3 s: so a path that is back after hours is found within 5 s. Where the relay itself refuses, waits go up to 30 s: that does not change by itself.
/// </summary>
/// <remarks>
/// Shared by all loops of a proxy: failures that come together count once, and one loop's success lets all others go on at once. While the
/// relay is away one loop alone goes on trying, however many ports there are. So what a relay is asked by those that wait for it is less
/// than one connection a second of each proxy.
/// </remarks>
internal sealed class Backoff(TimeProvider time, Random random)
{
    /// <summary>The first wait, before it is shortened.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.25);

    /// <summary>The first wait for a relay that may be being started again, before it is shortened.</summary>
    public static readonly TimeSpan FirstOfRestart = TimeSpan.FromSeconds(0.05);

    /// <summary>The longest wait where the relay refuses.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait where the relay cannot be reached.</summary>
    public static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(3);

    /// <summary>The longest wait while the relay may be being started again.</summary>
    public static readonly TimeSpan LongestOfRestart = TimeSpan.FromSeconds(1);

    /// <summary>How long that may take; and how often it is told that the relay is still away.</summary>
    public static readonly TimeSpan Restart = TimeSpan.FromMinutes(1);

    /// <summary>How long the others wait for the one that tries: longer than a try takes with the wait before it. Then they try, too.</summary>
    public static readonly TimeSpan Spare = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private int _failures;
    private bool _isAway;
    private object? _scout;
    private long _firstFailure;
    private long _notBefore;
    private long _told;
    private string _toldText = "";
    private TaskCompletionSource _recovered = NewSignal();

    /// <summary>
    /// Notes a failure; says how long to wait, and whether it is to be told: of those that came together the first, of those of a restart the
    /// very first alone, and of a relay that is away what is new, and once a minute.
    /// </summary>
    public (TimeSpan Wait, bool IsNew) Failed(RelayRefusal refusal)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_failures > 0 && now < _notBefore) return (time.GetElapsedTime(now, _notBefore), false);
            if (_failures == 0) _firstFailure = now;
            _isAway = refusal.Kind == RefusalKind.Relay;
            bool isRestart = refusal.MayPass && time.GetElapsedTime(_firstFailure, now) < Restart;
            (TimeSpan first, TimeSpan longest) = isRestart ? (FirstOfRestart, LongestOfRestart) : (First, _isAway ? LongestAway : Longest);
            double seconds = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 16)));
            seconds *= 1 - (random.NextDouble() / 2);
            bool isTold = _failures++ == 0 || (!isRestart && IsNews(refusal, now));
            if (isTold) (_told, _toldText) = (now, refusal.Text);
            _notBefore = now + (long)(seconds * time.TimestampFrequency);
            return (time.GetElapsedTime(now, _notBefore), isTold);
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
            _scout = null;
            recovered = _recovered;
            _recovered = NewSignal();
        }

        recovered.SetResult();
        return true;
    }

    /// <summary>Waits that long, or until somebody succeeds; while the relay is away and another one tries, for that one.</summary>
    /// <param name="who">Who waits.</param>
    /// <param name="wait">How long.</param>
    /// <param name="cancellation">Ends the wait with <see cref="OperationCanceledException"/>.</param>
    public async Task WaitAsync(object who, TimeSpan wait, CancellationToken cancellation)
    {
        Task recovered;
        lock (_lock)
        {
            // Somebody succeeded between the failure and this wait.
            if (_failures == 0) return;
            recovered = _recovered.Task;
            if (_isAway && (_scout ??= who) != who) wait = Spare * (1 + random.NextDouble());
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bool isBack = await Task.WhenAny(Task.Delay(wait, time, ended.Token), recovered) == recovered;
        await ended.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        if (isBack) return;
        // The one that tried may have ended.
        lock (_lock) _scout = who;
    }

    private bool IsNews(RelayRefusal refusal, long now) =>
        !_isAway || refusal.Text != _toldText || time.GetElapsedTime(_told, now) >= Restart;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
