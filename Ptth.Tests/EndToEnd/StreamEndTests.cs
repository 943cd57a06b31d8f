using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The ends of a TCP connection, carried faithfully: FIN stays FIN, of one direction alone; RST stays RST.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StreamEndTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    [Test]
    [CancelAfter(60_000)]
    public async Task An_end_of_one_direction_leaves_the_other_open([Values] bool clientEndsFirst, CancellationToken token)
    {
        var (client, server) = await OpenAsync(token);
        var (first, second) = clientEndsFirst ? (client, server) : (server, client);
        var before = Scope.NewPattern();
        var after = Scope.NewPattern();

        await first.SendPatternAsync(before, MiB, token);
        first.Shutdown(SocketShutdown.Send);
        Assert.That(await second.ReceivePatternAsync(before, token), Is.EqualTo(new StreamEnd(MiB, EndKind.Clean)));

        // One direction has ended at both ends; the other still carries bytes both small and large.
        var small = Scope.Faker.Random.Bytes(10);
        await second.SendAllAsync(small, token);
        var echoed = new byte[small.Length];
        await first.ReceiveExactlyAsync(echoed, token);
        Assert.That(echoed, Is.EqualTo(small));
        var received = first.ReceivePatternAsync(after, token);
        await second.SendPatternAsync(after, 8 * MiB, token);
        second.Shutdown(SocketShutdown.Send);
        Assert.That(await received, Is.EqualTo(new StreamEnd(8 * MiB, EndKind.Clean)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Nothing_but_ends_is_carried_too(CancellationToken token)
    {
        var (client, server) = await OpenAsync(token);
        var nothing = Scope.NewPattern();

        client.Shutdown(SocketShutdown.Send);
        Assert.That(await server.ReceivePatternAsync(nothing, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
        server.Shutdown(SocketShutdown.Send);
        Assert.That(await client.ReceivePatternAsync(nothing, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_reset_of_an_idle_tunnel_is_a_reset_at_the_other_end([Values] bool clientResets, CancellationToken token)
    {
        var (client, server) = await OpenAsync(token);
        var (resetting, other) = clientResets ? (client, server) : (server, client);
        var pattern = Scope.NewPattern();
        await resetting.SendPatternAsync(pattern, 1_000, token);
        await other.ReceiveExactlyAsync(new byte[1_000], token);

        resetting.Reset();

        Assert.That(
            async () => await other.ReceiveAsync(new byte[1], token),
            Throws.TypeOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_reset_after_the_own_end_is_still_a_reset([Values] bool clientResets, CancellationToken token)
    {
        var (client, server) = await OpenAsync(token);
        var (resetting, other) = clientResets ? (client, server) : (server, client);
        var pattern = Scope.NewPattern();
        await resetting.SendPatternAsync(pattern, 1_000, token);
        resetting.Shutdown(SocketShutdown.Send);
        Assert.That(await other.ReceivePatternAsync(pattern, token), Is.EqualTo(new StreamEnd(1_000, EndKind.Clean)));

        resetting.Reset();

        // Its direction has ended cleanly, so the break shows where the other end sends.
        var zeros = new byte[64 * 1024];
        Assert.That(
            async () =>
            {
                while (true)
                    await other.SendAllAsync(zeros, token);
            },
            Throws.TypeOf<SocketException>());
    }

    /// <remarks>
    /// The kernel tells a reset once. While bytes go both ways, the proxy's send may be the one that is told, and its
    /// receive is given an end of stream, which must not go on as one. The other end here has sent all that it will
    /// before the reset, so that nothing but its reader can be told.
    /// </remarks>
    [Test]
    [CancelAfter(120_000)]
    public async Task A_reset_of_a_busy_tunnel_is_never_a_clean_end([Values] bool clientResets, CancellationToken token)
    {
        const int Rounds = 200;
        using var service = new TcpService();
        var rig = await TunnelRig.StartAsync(Scope, "busy", service.EndPoint, token);
        for (var round = 0; round < Rounds; round++)
        {
            using var client = await rig.ConnectAsync("busy", token);
            using var server = await service.AcceptAsync(token);
            var (resetting, other) = clientResets ? (client, server) : (server, client);
            var there = Scope.NewPattern();
            var back = Scope.NewPattern();
            var ownEnd = new TunnelEnd(resetting, there, token);
            ownEnd.Read(back);
            var reads = other.ReceivePatternAsync(there, token);

            // Once the kernel has taken all of it, much of it is still on its way through both proxies.
            await other.SendPatternAsync(back, 8 * MiB, token);
            resetting.Reset();

            Assert.That((await reads).Kind, Is.EqualTo(EndKind.Broken), $"round {round}");
            await ownEnd.ClosedAsync();
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_reset_under_way_is_never_a_clean_end_for_one_who_reads([Values] bool clientResets, CancellationToken token)
    {
        const int Rounds = 60;
        using var service = new TcpService();
        var rig = await TunnelRig.StartAsync(Scope, "busy", service.EndPoint, token);
        for (var round = 0; round < Rounds; round++)
        {
            using var client = await rig.ConnectAsync("busy", token);
            using var server = await service.AcceptAsync(token);
            var (resetting, other) = clientResets ? (client, server) : (server, client);
            var pattern = Scope.NewPattern();
            var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var sends = new PatternSender(resetting, pattern, token);
            var reads = other.ReceivePatternAsync(pattern, token, bytes =>
            {
                if (bytes > MiB)
                    busy.TrySetResult();
            });

            await busy.Task.WaitAsync(token);
            resetting.Reset();
            await sends.Ended;

            Assert.That((await reads).Kind, Is.EqualTo(EndKind.Broken), $"round {round}");
        }
    }

    private async Task<(Socket Client, Socket Server)> OpenAsync(CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var rig = await TunnelRig.StartAsync(Scope, "plain", service.EndPoint, token);
        var client = Scope.Own(await rig.ConnectAsync("plain", token));
        return (client, Scope.Own(await service.AcceptAsync(token)));
    }
}
