using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

internal sealed class ProcessLifetimeTests
{
    private readonly FakeTimeProvider _time = new();

    private ProcessLifetime Create(double drainSeconds) => new(TimeSpan.FromSeconds(drainSeconds), _time, NullLogger.Instance);

    [Test]
    public void Without_a_signal_nothing_ends()
    {
        using ProcessLifetime lifetime = Create(10);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(lifetime.Draining.IsCancellationRequested, Is.False);
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.False);
    }

    [Test]
    public void The_first_signal_drains_and_the_end_of_the_drain_stops()
    {
        using ProcessLifetime lifetime = Create(10);
        lifetime.Signal();
        Assert.That(lifetime.Draining.IsCancellationRequested, Is.True);
        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.True);
    }

    [Test]
    public void The_second_signal_stops_at_once_and_more_change_nothing()
    {
        using ProcessLifetime lifetime = Create(10);
        lifetime.Signal();
        lifetime.Signal();
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.True);
        Assert.That(lifetime.Signal, Throws.Nothing);
    }

    [Test]
    public void A_drain_of_no_time_stops_with_the_first_signal_after_the_draining()
    {
        using ProcessLifetime lifetime = Create(0);
        bool drainingFirst = false;
        using CancellationTokenRegistration registration = lifetime.Stopping.Register(() => drainingFirst = lifetime.Draining.IsCancellationRequested);
        lifetime.Signal();
        _time.Advance(TimeSpan.Zero);
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.True);
        Assert.That(drainingFirst, Is.True);
    }

    [Test]
    public void A_signal_after_the_end_does_no_harm()
    {
        ProcessLifetime lifetime = Create(10);
        lifetime.Dispose();
        Assert.That(lifetime.Signal, Throws.Nothing);
    }

    [Test, CancelAfter(10_000), Platform(Exclude = "Win")]
    public async Task Signals_reach_it(CancellationToken cancellation)
    {
        using ProcessLifetime lifetime = Create(10);
        using IDisposable signals = lifetime.HandleSignals();
        await Kill("TERM", cancellation);
        await Cancelled(lifetime.Draining, cancellation);
        Assert.That(lifetime.Stopping.IsCancellationRequested, Is.False);
        await Kill("TERM", cancellation);
        await Cancelled(lifetime.Stopping, cancellation);
    }

    private static async Task Kill(string signal, CancellationToken cancellation)
    {
        using Process kill = Process.Start("kill", ["-" + signal, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellation);
        Assert.That(kill.ExitCode, Is.Zero);
    }

    private static async Task Cancelled(CancellationToken token, CancellationToken cancellation)
    {
        var cancelled = new TaskCompletionSource();
        using CancellationTokenRegistration registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(cancellation);
    }
}
