using Ptth.Common.Hosting;
using Ptth.Common.Logging;
using Ptth.Common.Net;

namespace Ptth.Proxy.Live;

/// <summary>Keeps a proxy's live line up to date: looks twice a second, and shows what has changed.</summary>
internal sealed class LiveStatus : IDisposable
{
    /// <summary>Often enough to look alive, and seldom enough to be read.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    private readonly LiveLine _line;
    private readonly Func<int> _columns;
    private readonly string _relay;
    private readonly RelayLink _link;
    private readonly Traffic _traffic;
    private readonly TimeProvider _time;
    private readonly CancellationToken _draining;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private TrafficRates _last;
    private long _lastTime;
    private string _shown = "";
    private bool _ended;

    /// <summary>Shows the first state at once.</summary>
    /// <param name="line">Where.</param>
    /// <param name="columns">How wide the terminal is, asked each time: its window may change.</param>
    /// <param name="relay">The relay.</param>
    /// <param name="link">How requests to it go.</param>
    /// <param name="traffic">The tunnels.</param>
    /// <param name="time">The clock.</param>
    /// <param name="draining">Says that the proxy is about to end.</param>
    public LiveStatus(LiveLine line, Func<int> columns, RelayUrl relay, RelayLink link, Traffic traffic, TimeProvider time, CancellationToken draining)
    {
        _line = line;
        _columns = columns;
        // The host alone, with its port where that is not the scheme's: the rest of the URL is in the first log line.
        _relay = relay.HostHeader;
        _link = link;
        _traffic = traffic;
        _time = time;
        _draining = draining;
        _lastTime = time.GetTimestamp();
        Look();
        _timer = time.CreateTimer(static state => ((LiveStatus)state!).Look(), this, Period, Period);
    }

    /// <summary>Starts it where there is a terminal to show it on.</summary>
    public static LiveStatus? Start(LiveTerminal? terminal, RelayUrl relay, RelayLink link, Traffic traffic, ProcessLifetime lifetime) =>
        terminal is null
            ? null
            : new LiveStatus(terminal.Line, () => terminal.Terminal.Columns, relay, link, traffic, TimeProvider.System, lifetime.Draining);

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _ended = true;
            _line.Show("");
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            // The timer's last call may come after its end.
            if (_ended) return;
            long now = _time.GetTimestamp();
            double seconds = _time.GetElapsedTime(_lastTime, now).TotalSeconds;
            (int tunnels, long sent, long received) = _traffic.Sum();
            _last = new TrafficRates(tunnels, sent, received, Smooth(_last.SentPerSecond, sent - _last.SentBytes, seconds),
                Smooth(_last.ReceivedPerSecond, received - _last.ReceivedBytes, seconds));
            _lastTime = now;
            string text = LiveText.Compose(_relay, _link.Report(), _last, _draining.IsCancellationRequested, _columns());
            if (text == _shown) return;
            _shown = text;
            _line.Show(text);
        }
    }

    /// <summary>The rate of the last second or so: half of what was, and half of what is. A rest of less than a byte is none.</summary>
    private static double Smooth(double before, long bytes, double seconds)
    {
        if (seconds <= 0) return before;
        double rate = (before + (bytes / seconds)) / 2;
        return rate < 1 ? 0 : rate;
    }
}
