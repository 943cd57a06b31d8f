using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Much at once: many bytes, and many tunnels.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class BulkTests : EndToEndTest
{
    [Test]
    [CancelAfter(300_000)]
    public async Task One_GiB_goes_each_way_at_the_same_time(CancellationToken token)
    {
        const long GiB = 1024 * 1024 * 1024;
        using var service = new TcpService();
        var rig = await TunnelRig.StartAsync(Scope, "bulk", service.EndPoint, token);
        using var client = await rig.ConnectAsync("bulk", token);
        using var server = await service.AcceptAsync(token);

        await AssertBulkBothWaysAsync(client, server, GiB, token);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Three_hundred_tunnels_at_once_each_carry_their_own(CancellationToken token)
    {
        const int Tunnels = 300;
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        var contents = Enumerable.Range(0, Tunnels)
            .Select(_ => Scope.Faker.Random.Bytes(Scope.Faker.Random.Int(2, 60_000)))
            .ToArray();
        var halfway = new CountdownEvent(Tunnels);
        var allHalfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        async Task<byte[]> ExchangeAsync(byte[] content)
        {
            using var socket = await rig.ConnectAsync("echo", token);
            var half = content.Length / 2;
            var echoed = new byte[content.Length];
            await socket.SendAllAsync(content.AsMemory(0, half), token);
            await socket.ReceiveExactlyAsync(echoed.AsMemory(0, half), token);

            // No tunnel goes on before all of them are open and have carried bytes both ways.
            if (halfway.Signal())
                allHalfway.SetResult();
            await allHalfway.Task.WaitAsync(token);
            await socket.SendAllAsync(content.AsMemory(half), token);
            socket.Shutdown(SocketShutdown.Send);
            var rest = await socket.ReceiveToEndAsync(token);
            return [.. echoed[..half], .. rest];
        }

        var received = await Task.WhenAll(contents.Select(ExchangeAsync));

        Assert.That(received, Is.EqualTo(contents));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Short_tunnels_one_after_the_other_share_a_few_connections_to_the_relay(CancellationToken token)
    {
        const int Count = 300;
        // The listens, and one tunnel with its exchanges twice over: the end of one may still be under way when the next begins.
        const int Bound = 12;
        using var service = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", service.EndPoint, token);

        for (var i = 0; i < Count; i++)
        {
            using var socket = await rig.ConnectAsync("echo", token);
            var message = Scope.Faker.Random.Bytes(64);
            await socket.SendAllAsync(message, token);
            socket.Shutdown(SocketShutdown.Send);
            Assert.That(await socket.ReceiveToEndAsync(token), Is.EqualTo(message));
        }

        Assert.That(ProcessFacts.ConnectionsLedTo(rig.RelayEndPoint), Is.InRange(1, Bound));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Fifty_million_bytes_come_back_to_a_client_that_has_ended_its_side(CancellationToken token)
    {
        const int Count = 50_000_000;
        using var service = new TcpService();

        // Takes everything up to the end, and only then sends it all back.
        service.ServeEach(async socket =>
        {
            var all = await socket.ReceiveToEndAsync(token);
            await socket.SendAllAsync(all, token);
            socket.Shutdown(SocketShutdown.Send);
        });
        var rig = await TunnelRig.StartAsync(Scope, "echo", service.EndPoint, token);
        using var client = await rig.ConnectAsync("echo", token);
        var pattern = Scope.NewPattern();

        await client.SendPatternAsync(pattern, Count, token);
        client.Shutdown(SocketShutdown.Send);
        var end = await client.ReceivePatternAsync(pattern, token);

        Assert.That(end, Is.EqualTo(new StreamEnd(Count, EndKind.Clean)));
    }
}
