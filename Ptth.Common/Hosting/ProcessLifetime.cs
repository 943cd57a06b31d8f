using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Ptth.Common.Hosting;

/// <summary>
/// How a program ends. The first SIGTERM or SIGINT begins the drain: no new work, what is open may finish. The second signal, or the
/// end of the drain time, stops everything.
/// </summary>
public sealed partial class ProcessLifetime : IDisposable
{
    private readonly TimeSpan _drain;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _drainTimer;
    private int _signals;

    /// <summary>A lifetime that no signal reaches yet.</summary>
    /// <param name="drain">How long open work may go on after the first signal; zero ends it at once.</param>
    /// <param name="time">The clock of the drain time.</param>
    /// <param name="logger">Where it says what it was told.</param>
    public ProcessLifetime(TimeSpan drain, TimeProvider time, ILogger logger)
    {
        _drain = drain;
        _logger = logger;
        Draining = _draining.Token;
        Stopping = _stopping.Token;
        _drainTimer = time.CreateTimer(_ => EndDrain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by the first signal: take no new work.</summary>
    public CancellationToken Draining { get; }

    /// <summary>Cancelled by the second signal or at the end of the drain time: end what is still open. Draining is cancelled by then.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Completes when <see cref="Draining"/> is cancelled, on a thread of the pool.</summary>
    public Task WhenDrainingAsync()
    {
        var draining = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Draining.Register(draining.SetResult);
        return draining.Task;
    }

    /// <summary>Lets SIGTERM and SIGINT reach this lifetime, until the result is disposed.</summary>
    public IDisposable HandleSignals() => new SignalRegistrations(this);

    /// <summary>What a signal does. Also for a host that ends the program without one.</summary>
    public void Signal()
    {
        int signal = Interlocked.Increment(ref _signals);
        if (signal == 1)
        {
            LogDraining(_drain.TotalSeconds);
            _draining.Cancel();
            _drainTimer.Change(_drain, Timeout.InfiniteTimeSpan);
        }
        else if (signal == 2)
        {
            LogStoppingAtOnce();
            Stop();
        }
    }

    private void EndDrain()
    {
        LogDrainOver(_drain.TotalSeconds);
        Stop();
    }

    private void Stop()
    {
        // Again, since the second signal may come on another thread before the first one's has got that far.
        _draining.Cancel();
        _stopping.Cancel();
    }

    /// <summary>Stops the drain's timer. The sources hold nothing to give back, and a late signal may still reach them.</summary>
    public void Dispose() => _drainTimer.Dispose();

    [LoggerMessage(1, LogLevel.Information, "draining: no new tunnels; open ones may finish within {Seconds} s")]
    private partial void LogDraining(double seconds);

    [LoggerMessage(2, LogLevel.Information, "stopping at once: a second signal came")]
    private partial void LogStoppingAtOnce();

    [LoggerMessage(3, LogLevel.Information, "stopping: the drain time of {Seconds} s is over")]
    private partial void LogDrainOver(double seconds);

    private sealed class SignalRegistrations : IDisposable
    {
        private readonly PosixSignalRegistration _terminate;
        private readonly PosixSignalRegistration _interrupt;

        public SignalRegistrations(ProcessLifetime lifetime)
        {
            void Handle(PosixSignalContext context)
            {
                // Without this the runtime would end the process once the handler returns.
                context.Cancel = true;
                lifetime.Signal();
            }
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
            _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        }

        public void Dispose()
        {
            _terminate.Dispose();
            _interrupt.Dispose();
        }
    }
}
