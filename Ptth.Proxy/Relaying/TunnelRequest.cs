using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Relaying;

/// <summary>
/// Asks the relay for a tunnel, and asks again where it is only away for now, as while it is started again: a connect without an answer
/// has moved no byte. The first wait in between is 50 ms, each further one twice as long up to 1 s, all shortened by up to half at random;
/// so that there are at most some 125 tries within the longest connect_wait, 60 s.
/// </summary>
/// <param name="relay">The relay.</param>
/// <param name="watch">Is told how each try went.</param>
/// <param name="connectWait">How long all of it may take, the relay's own wait for a server included.</param>
/// <param name="offer">What the other party's proxy is told, <see cref="PtthHeaders.Offer"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Spreads the tries.</param>
/// <param name="logger">Is told of the first failure.</param>
internal sealed class TunnelRequest(
    RelayClient relay, RelayWatch watch, TimeSpan connectWait, string offer, TimeProvider time, Random random, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Asks until there is an answer that will not change by itself, or the wait is over.</summary>
    /// <param name="forward">The server and its port.</param>
    /// <param name="local">Whose connection it is, for the log.</param>
    /// <param name="draining">Ends the tries, though not the one that is under way.</param>
    /// <param name="stopping">Breaks off with <see cref="OperationCanceledException"/>.</param>
    public async Task<TunnelAnswer> AskAsync(Forward forward, EndPoint? local, CancellationToken draining, CancellationToken stopping)
    {
        long start = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        while (true)
        {
            TunnelAnswer answer = await TryAsync(forward, Left(), stopping);
            TimeSpan left = Left();
            if (!answer.MayPass || left == TimeSpan.Zero || draining.IsCancellationRequested) return answer;
            if (pause == FirstPause) ProxyLog.AskingAgain(logger, forward.Server, forward.Port, local, answer.Refusal, left.TotalSeconds);
            TimeSpan shortened = pause * (1 - (random.NextDouble() / 2));
            await Task.Delay(shortened < left ? shortened : left, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (draining.IsCancellationRequested) return answer;
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        TimeSpan Left()
        {
            TimeSpan left = connectWait - time.GetElapsedTime(start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private async Task<TunnelAnswer> TryAsync(Forward forward, TimeSpan wait, CancellationToken stopping)
    {
        try
        {
            // In whole seconds, rounded up: none would ask only the servers that listen already.
            ClientExchange exchange = await relay.ConnectAsync(
                forward.Server, forward.Port, TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)), offer, stopping);
            if (RelayClient.TryReadId(exchange.Response, out ConnectionId id))
            {
                watch.Succeeded();
                return new TunnelAnswer(exchange, id, "", MayPass: false);
            }

            RelayRefusal refusal = await RelayClient.ReadRefusalAsync(exchange);
            watch.Refused(refusal);
            return new TunnelAnswer(null, default, refusal.Text, refusal.MayPass);
        }
        catch (ExchangeException failure)
        {
            watch.Failed(failure.Message);
            return new TunnelAnswer(null, default, failure.Message, failure.MayPass);
        }
    }
}
