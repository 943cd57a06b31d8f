using System.Text;
using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>Keeps one listen of a port open at the relay: asks, hands a client over, and asks again at once.</summary>
internal sealed class ListenLoop(
    PortMapping port, RelayClient relay, ServerTerminator terminator, TunnelSet tunnels, Backoff backoff, RelayLink link, ILogger logger)
{
    /// <summary>How long a listen waits. Most intermediaries bear 30 s without a byte.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(25);

    /// <summary>How long the first one waits, and each after a failure: its answer shows early that the relay, the key and the port's name are right.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Names begin with a letter or a digit.
    private readonly string _listener = $"l{ConnectionId.New()}";

    /// <summary>The port's name.</summary>
    public string Port => port.Name;

    /// <summary>Completes when a listen was answered as it should be.</summary>
    public Task Served => _served.Task;

    /// <summary>Runs until <paramref name="draining"/>; tunnels that were begun go on until <paramref name="stopping"/>.</summary>
    public async Task RunAsync(CancellationToken draining, CancellationToken stopping)
    {
        while (!draining.IsCancellationRequested)
        {
            try
            {
                await tunnels.EnterAsync(draining);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            bool handedOver = false;
            try
            {
                handedOver = await ListenAsync(draining, stopping);
            }
            catch (OperationCanceledException) when (draining.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (Connection.IsConnectionFailure(failure))
            {
                await BackOffAsync(new RelayRefusal(failure.Message, RefusalKind.Relay, failure is ExchangeException { MayPass: true }), draining);
            }
            finally
            {
                if (!handedOver) tunnels.Leave();
            }
        }
    }

    /// <summary>One listen; says whether the place among the tunnels went to a client.</summary>
    private async Task<bool> ListenAsync(CancellationToken draining, CancellationToken stopping)
    {
        ClientExchange exchange = await relay.ListenAsync(port.Name, _listener, _served.Task.IsCompleted && link.IsConnected ? Wait : FirstWait, draining);
        ResponseHead response = exchange.Response;
        bool wanted = RelayClient.TryReadId(response, out ConnectionId id);
        if (!wanted && response.Status != 204)
        {
            await BackOffAsync(await RelayClient.ReadRefusalAsync(exchange), draining);
            return false;
        }

        await exchange.ReadBodyAsync(Problem.MaxBytes);
        if (backoff.Succeeded()) ProxyLog.RelayBack(logger);
        link.Succeeded();
        _served.TrySetResult();
        if (!wanted) return false;
        string client = response.Fields.TryGetSingle(PtthHeaders.Client, out ReadOnlySpan<byte> name) ? Encoding.ASCII.GetString(name) : "?";
        ProxyLog.Wanted(logger, client, port.Name, id);
        var announced = new Announcement(id, exchange.Server, client, RelayClient.ReadRecordTerms(response, PtthHeaders.Offer));
        _ = ServeAsync(announced, stopping);
        return true;
    }

    private async Task ServeAsync(Announcement announced, CancellationToken stopping)
    {
        await terminator.ServeAsync(port, announced, stopping);
        tunnels.Leave();
    }

    private async Task BackOffAsync(RelayRefusal refusal, CancellationToken draining)
    {
        (TimeSpan wait, bool isNew) = backoff.Failed(refusal);
        link.Failed(refusal.Text, wait);
        if (isNew) ProxyLog.RelayLost(logger, refusal.Text, wait.TotalSeconds);
        try
        {
            await backoff.WaitAsync(this, wait, draining);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }
}
