using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Makes requests one after the other, and counts the connections that they take here and at the relay.</summary>
internal sealed class KeepAliveProbe(RelayClient relay, TimeProvider time)
{
    private const int Requests = 4;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs it.</summary>
    public Task<KeepAlive> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new KeepAlive { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<KeepAlive> MeasureAsync(ProbeRun run)
    {
        int own = 0;
        HashSet<long> atRelay = [];
        for (int i = 0; i < Requests; i++)
        {
            ClientExchange exchange = await run.GetAsync(PtthPaths.ProbeEcho, TimeSpan.Zero);
            // The first may go on one that was kept from before.
            if (i == 0 || !exchange.IsOnKeptConnection) own++;
            atRelay.Add((await EchoReader.ReadAsync(run, exchange)).ConnectionNumber);
        }

        return new KeepAlive { Outcome = ProbeOutcome.Measured, Requests = Requests, OwnConnections = own, RelayConnections = atRelay.Count };
    }
}
