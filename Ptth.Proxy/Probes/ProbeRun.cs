using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>One run of a probe: its bound, and the exchanges that end with it.</summary>
#pragma warning disable CA1001 // RunAsync disposes of what it made when the run is over.
internal sealed class ProbeRun
#pragma warning restore CA1001
{
    private readonly RelayClient _relay;
    private readonly CancellationTokenSource _bound;
    private readonly CancellationTokenSource _ends;
    private readonly Lock _lock = new();
    private readonly List<ClientExchange> _open = [];
    private readonly List<Task> _reading = [];
    private PathAnswer? _last;

    private ProbeRun(RelayClient relay, TimeProvider time, TimeSpan bound, CancellationToken cancellation)
    {
        _relay = relay;
        Time = time;
        _bound = new CancellationTokenSource(bound, time);
        _ends = CancellationTokenSource.CreateLinkedTokenSource(_bound.Token, cancellation);
        _ends.Token.UnsafeRegister(static state => ((ProbeRun)state!).AbortAll(), this);
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Cancelled at the run's bound, or by the caller; all exchanges are broken off then.</summary>
    public CancellationToken Ends => _ends.Token;

    /// <summary>Runs a probe, and turns whatever keeps it from its end into an outcome.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bound">How long it may take.</param>
    /// <param name="nothing">A measurement without findings.</param>
    /// <param name="measure">The probe.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/>.</exception>
    public static async Task<T> RunAsync<T>(
        RelayClient relay, TimeProvider time, TimeSpan bound, T nothing, Func<ProbeRun, Task<T>> measure, CancellationToken cancellation)
        where T : PathMeasurement
    {
        var run = new ProbeRun(relay, time, bound, cancellation);
        try
        {
            T found = await measure(run);
            // All was broken off then; that must not be taken for somebody else's doing.
            run.Ends.ThrowIfCancellationRequested();
            return found with { Answer = found.Answer ?? run._last };
        }
        catch (ProbeRefusedException refused)
        {
            return nothing with { Outcome = refused.Outcome, Answer = refused.Answer };
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            return run._bound.IsCancellationRequested
                ? nothing with { Outcome = ProbeOutcome.Late, Answer = run._last }
                : nothing with { Outcome = ProbeOutcome.Failed, Answer = run._last, Failure = failure.Message };
        }
        finally
        {
            await run.EndAsync();
        }
    }

    /// <summary>Sends a probe without a body, and reads the answer's head, whatever it says.</summary>
    /// <exception cref="ExchangeException">There is none.</exception>
    public async Task<ClientExchange> AskAsync(string what, TimeSpan wait, params HttpField[] fields)
    {
        ClientExchange exchange = Own(await _relay.ProbeAsync(what, fields, wait, Ends));
        Note(exchange.Response);
        return exchange;
    }

    /// <summary>The same, where only 200 will do.</summary>
    /// <exception cref="ProbeRefusedException">It was another one.</exception>
    /// <exception cref="ExchangeException">There is none.</exception>
    public async Task<ClientExchange> GetAsync(string what, TimeSpan wait, params HttpField[] fields)
    {
        ClientExchange exchange = await AskAsync(what, wait, fields);
        return exchange.Response.Status == 200 ? exchange : throw new ProbeRefusedException(PathAnswer.Of(exchange.Response));
    }

    /// <summary>Begins a probe whose body streams.</summary>
    /// <exception cref="ExchangeException">No connection could be had.</exception>
    public async Task<ClientExchange> StartAsync(string what, long? length = null, string? process = null, params HttpField[] fields) =>
        Own(await _relay.StartProbeAsync(what, fields, length, process, Ends));

    /// <summary>Reads the answer to a probe whose body streams, without a bound but the run's. The run's end waits for it.</summary>
    /// <exception cref="ExchangeException">There is none.</exception>
    public Task<PathAnswer> ReadAnswerAsync(ClientExchange exchange)
    {
        Task<PathAnswer> reading = ReadAsync();
        Track(reading);
        return reading;

        async Task<PathAnswer> ReadAsync() => Note(await exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan));
    }

    /// <summary>Something reads from an exchange, and may still do so when the run is at its end.</summary>
    public void Track(Task reading)
    {
        lock (_lock)
        {
            _reading.RemoveAll(static task => task.IsCompleted);
            _reading.Add(reading);
        }
    }

    /// <summary>Waits for something, so long at most; says whether it came. What it came to is still to be awaited.</summary>
    public async Task<bool> ComesAsync(Task task, TimeSpan within)
    {
        if (task.IsCompleted) return true;
        using var stops = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        Task first = await Task.WhenAny(task, Task.Delay(within, Time, stops.Token));
        await stops.CancelAsync();
        Ends.ThrowIfCancellationRequested();
        return first == task;
    }

    /// <summary>The same for something that reads from an exchange: where it does not come, the run's end waits for it.</summary>
    public Task<bool> ReadsAsync(Task reading, TimeSpan within)
    {
        Track(reading);
        return ComesAsync(reading, within);
    }

    /// <summary>Ends an exchange whose messages are; its connection serves the next one.</summary>
    public void Finish(ClientExchange exchange)
    {
        lock (_lock) _open.Remove(exchange);
        exchange.Finish();
    }

    /// <summary>Breaks off what is open, and waits for those who read from it.</summary>
    private async Task EndAsync()
    {
        AbortAll();
        Task reading;
        lock (_lock) reading = Task.WhenAll(_reading);
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (ClientExchange exchange in _open) exchange.Finish();
        _ends.Dispose();
        _bound.Dispose();
    }

    private PathAnswer Note(ResponseHead head) => _last = PathAnswer.Of(head);

    private ClientExchange Own(ClientExchange exchange)
    {
        lock (_lock) _open.Add(exchange);
        // It may have been cancelled before it was among those that are aborted.
        if (Ends.IsCancellationRequested) exchange.Abort();
        return exchange;
    }

    private void AbortAll()
    {
        ClientExchange[] open;
        lock (_lock) open = [.. _open];
        foreach (ClientExchange exchange in open) exchange.Abort();
    }
}
