using Microsoft.Extensions.Logging;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Live;

namespace Ptth.Proxy.Relaying;

/// <summary>
/// Tells a client-side proxy, which keeps no request at the relay while nobody wants a tunnel, whether the relay can be used: asks for its
/// health at the start, and after a request that failed, until the answer is good.
/// </summary>
internal sealed class RelayWatch(RelayClient relay, RelayLink link, Backoff backoff, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _lost = new(0);

    /// <summary>A request to the relay went as it should.</summary>
    public void Succeeded()
    {
        link.Succeeded();
        if (backoff.Succeeded()) ProxyLog.RelayBack(logger);
    }

    /// <summary>The relay refused a request.</summary>
    public void Refused(RelayRefusal refusal)
    {
        switch (refusal.Kind)
        {
            case RefusalKind.Request:
                Succeeded();
                break;
            case RefusalKind.Key:
                // Asking for the relay's health would tell nothing: that is for anyone.
                link.Failed(refusal.Text, nextTry: null);
                break;
            default:
                Failed(refusal.Text);
                break;
        }
    }

    /// <summary>A request failed on its way.</summary>
    public void Failed(string reason)
    {
        link.Failed(reason, nextTry: null);
        // Two that come together cause one question more at most.
        if (_lost.CurrentCount == 0) _lost.Release();
    }

    /// <summary>Watches until <paramref name="draining"/>.</summary>
    public async Task RunAsync(CancellationToken draining)
    {
        try
        {
            if (await UntilUsableAsync(draining)) ProxyLog.RelayAnswers(logger);
            while (true)
            {
                await _lost.WaitAsync(draining);
                await UntilUsableAsync(draining);
            }
        }
        catch (OperationCanceledException) when (draining.IsCancellationRequested)
        {
            // Nobody wants to know any more.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lost.Dispose();

    /// <summary>Asks until the answer is good, or a tunnel came about meanwhile; says whether the first answer was.</summary>
    private async Task<bool> UntilUsableAsync(CancellationToken draining)
    {
        for (bool first = true; ; first = false)
        {
            RelayRefusal? refused = await AskAsync(draining);
            if (refused is not { } refusal)
            {
                Succeeded();
                return first;
            }

            (TimeSpan wait, bool isNew) = backoff.Failed(refusal);
            link.Failed(refusal.Text, wait);
            if (isNew) ProxyLog.RelayLost(logger, refusal.Text, wait.TotalSeconds);
            await backoff.WaitAsync(this, wait, draining);
            if (link.IsConnected) return false;
        }
    }

    private async Task<RelayRefusal?> AskAsync(CancellationToken draining)
    {
        try
        {
            return await relay.CheckHealthAsync(draining);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            draining.ThrowIfCancellationRequested();
            return new RelayRefusal(failure.Message, RefusalKind.Relay, failure is ExchangeException { MayPass: true });
        }
    }
}
