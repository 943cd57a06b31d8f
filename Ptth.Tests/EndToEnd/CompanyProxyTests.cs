using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Both proxies' way to the relay leads through a real Squid or tinyproxy: over plain HTTP, and by CONNECT to a relay with TLS.</summary>
/// <remarks>Each of them asks for a login on one of the two ways.</remarks>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class CompanyProxyTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    [Test]
    [CancelAfter(60_000)]
    public async Task Bulk_goes_each_way_at_the_same_time([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        const int Bytes = 64 * MiB;
        (TunnelRig _, Socket client, Socket server) = await OpenAsync(kind, tls, token);

        await AssertBulkBothWaysAsync(client, server, Bytes, token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task An_end_of_one_direction_leaves_the_other_open(
        [Values] CompanyProxyKind kind, [Values] bool tls, [Values] bool clientEndsFirst, CancellationToken token)
    {
        (TunnelRig _, Socket client, Socket server) = await OpenAsync(kind, tls, token);
        (Socket first, Socket second) = clientEndsFirst ? (client, server) : (server, client);
        Pattern before = Scope.NewPattern(), after = Scope.NewPattern();

        await first.SendPatternAsync(before, MiB, token);
        first.Shutdown(SocketShutdown.Send);
        Assert.That(await second.ReceivePatternAsync(before, token), Is.EqualTo(new StreamEnd(MiB, EndKind.Clean)));
        Task<StreamEnd> received = first.ReceivePatternAsync(after, token);
        await second.SendPatternAsync(after, 4 * MiB, token);
        second.Shutdown(SocketShutdown.Send);

        Assert.That(await received, Is.EqualTo(new StreamEnd(4 * MiB, EndKind.Clean)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_reset_is_a_reset_at_the_other_end(
        [Values] CompanyProxyKind kind, [Values] bool tls, [Values] bool clientResets, [Values] bool underWay, CancellationToken token)
    {
        (TunnelRig _, Socket client, Socket server) = await OpenAsync(kind, tls, token);
        (Socket resetting, Socket other) = clientResets ? (client, server) : (server, client);
        Pattern pattern = Scope.NewPattern();
        var some = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<StreamEnd> reads = other.ReceivePatternAsync(pattern, token, bytes =>
        {
            if (bytes >= (underWay ? MiB : 1_000))
                some.TrySetResult();
        });
        Task sends = underWay ? new PatternSender(resetting, pattern, token).Ended : resetting.SendPatternAsync(pattern, 1_000, token);
        await some.Task.WaitAsync(token);

        resetting.Reset();
        await sends;

        Assert.That((await reads).Kind, Is.EqualTo(EndKind.Broken));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_round_trip_waits_for_nothing([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        const int Count = 101;
        (TunnelRig _, Socket client, Socket server) = await OpenAsync(kind, tls, token);

        RoundTrips[] trips = await RoundTrips.MeasureAsync([(client, server), (server, client)], Scope.Faker.Random.Bytes(64), Count, token);

        await TestContext.Out.WriteLineAsync($"{trips[0]}, and from the server {trips[1]}");
        Assert.That(trips.Select(static way => way.LowerQuartile), Has.All.LessThan(RoundTrips.Bound));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Fifty_tunnels_at_once_each_carry_their_own([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        const int Tunnels = 50;
        using var echo = TcpService.Echo();
        TunnelRig rig = await StartAsync(kind, tls, echo, token);
        byte[][] contents = [.. Enumerable.Range(0, Tunnels).Select(_ => Scope.Faker.Random.Bytes(Scope.Faker.Random.Int(2, 60_000)))];
        var open = new CountdownEvent(Tunnels);
        var allOpen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        async Task<byte[]> ExchangeAsync(byte[] content)
        {
            using Socket socket = await rig.ConnectAsync("service", token);
            var first = new byte[1];
            await socket.SendAllAsync(content.AsMemory(0, 1), token);
            await socket.ReceiveExactlyAsync(first, token);

            // No tunnel goes on before all of them are open.
            if (open.Signal())
                allOpen.SetResult();
            await allOpen.Task.WaitAsync(token);
            await socket.SendAllAsync(content.AsMemory(1), token);
            socket.Shutdown(SocketShutdown.Send);
            return [.. first, .. await socket.ReceiveToEndAsync(token)];
        }

        Assert.That(await Task.WhenAll(contents.Select(ExchangeAsync)), Is.EqualTo(contents));
    }

    private async Task<(TunnelRig Rig, Socket Client, Socket Server)> OpenAsync(CompanyProxyKind kind, bool tls, CancellationToken token)
    {
        TcpService service = Scope.Own(new TcpService());
        TunnelRig rig = await StartAsync(kind, tls, service, token);
        Socket client = Scope.Own(await rig.ConnectAsync("service", token));
        return (rig, client, Scope.Own(await service.AcceptAsync(token)));
    }

    private Task<TunnelRig> StartAsync(CompanyProxyKind kind, bool tls, TcpService service, CancellationToken token) =>
        TunnelRig.StartAsync(
            Scope,
            new RigPlan
            {
                Targets = { ["service"] = service.EndPoint },
                Company = new CompanyProxyPlan(kind) { HasLogin = kind == CompanyProxyKind.Squid == tls },
                Certificate = tls ? TestTls.Relay : null,
            },
            token);
}
