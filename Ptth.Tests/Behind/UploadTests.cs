using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>How the proxies' uploads choose their way by themselves: as streams where a server lets bodies through as they come, and in segments where it holds them back.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class UploadTests : BehindTest
{
    private const string AsStreams = "uploads go as streams";
    private const string InSegments = "uploads go in segments: something between here and the relay holds bodies back until they end";

    [Test]
    [CancelAfter(60_000)]
    public async Task Uploads_go_as_streams_where_bodies_are_let_through([Values] Intermediary front, CancellationToken token)
    {
        (TunnelRig rig, _, _) = await OpenAsync(new RigPlan { Front = front, ProxyArguments = ["--log-level", "debug"] }, token);

        await rig.ServerProxy.WaitForLineAsync(AsStreams);
        await rig.ClientProxy.WaitForLineAsync(AsStreams);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Uploads_go_in_segments_where_bodies_are_held_back([Values] Intermediary front, CancellationToken token)
    {
        const int Bytes = 5 * MiB;
        (TunnelRig rig, Socket client, Socket server) = await OpenAsync(new RigPlan { Front = front, FrontHoldsRequests = true }, token);
        await rig.ServerProxy.WaitForLineAsync(InSegments);
        await rig.ClientProxy.WaitForLineAsync(InSegments);

        await AssertBulkBothWaysAsync(client, server, Bytes, token);
    }

    private async Task<(TunnelRig Rig, Socket Client, Socket Server)> OpenAsync(RigPlan plan, CancellationToken token)
    {
        TcpService service = Scope.Own(new TcpService());
        plan.Targets[Port] = service.EndPoint;
        TunnelRig rig = await TunnelRig.StartAsync(Scope, plan, token);
        Socket client = Scope.Own(await rig.ConnectAsync(Port, token)), server = Scope.Own(await service.AcceptAsync(token));
        await ExchangeAsync(client, server, token);
        return (rig, client, server);
    }
}
