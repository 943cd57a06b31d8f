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
        Pattern up = Scope.NewPattern(), down = Scope.NewPattern();
        Task sending = SendAsync(client, up), answering = SendAsync(server, down);
        Task<StreamEnd> atServer = server.ReceivePatternAsync(up, token), atClient = client.ReceivePatternAsync(down, token);

        Assert.That((await atServer, await atClient), Is.EqualTo((new StreamEnd(Bytes, EndKind.Clean), new StreamEnd(Bytes, EndKind.Clean))));
        await Task.WhenAll(sending, answering);

        async Task SendAsync(Socket socket, Pattern pattern)
        {
            await socket.SendPatternAsync(pattern, Bytes, token);
            socket.Shutdown(SocketShutdown.Send);
        }
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
