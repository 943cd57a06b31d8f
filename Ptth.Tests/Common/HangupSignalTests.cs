using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

internal sealed class HangupSignalTests
{
    [Test]
    public void Every_taker_is_called_in_turn_until_it_leaves()
    {
        var hangup = new HangupSignal();
        List<string> calls = [];
        using IDisposable first = hangup.Register(() => calls.Add("first"));
        IDisposable second = hangup.Register(() => calls.Add("second"));
        hangup.Signal();
        second.Dispose();
        hangup.Signal();
        first.Dispose();
        hangup.Signal();

        Assert.That(calls, Is.EqualTo(new[] { "first", "second", "first" }));
    }

    [Test, CancelAfter(10_000), Platform(Exclude = "Win")]
    public async Task Signals_reach_it_and_end_nothing(CancellationToken cancellation)
    {
        var hangup = new HangupSignal();
        using IDisposable signals = hangup.HandleSignals();
        for (int i = 0; i < 2; i++)
        {
            var called = new TaskCompletionSource();
            using IDisposable registration = hangup.Register(() => called.TrySetResult());
            using Process kill = Process.Start("kill", ["-HUP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(cancellation);
            await called.Task.WaitAsync(cancellation);
        }
    }
}
