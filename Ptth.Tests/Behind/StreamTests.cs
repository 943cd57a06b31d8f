using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>Bytes and clean ends through each of the servers that a relay may stand behind.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StreamTests : BehindTest
{
    /// <remarks>A machine that is busy takes its time to start the processes that Apache httpd needs for two hundred tunnels at once.</remarks>
    protected override string ClientKeys => "connect_wait = 60";

    [Test]
    [Category("bulk")]
    [CancelAfter(90_000)]
    public async Task Bulk_goes_both_ways_at_the_same_time([Values] Intermediary front, CancellationToken token)
    {
        const int Count = 64 * MiB;
        var (_, client, server) = await OpenAsync(front, token);

        await AssertBulkBothWaysAsync(client, server, Count, token);
    }

    [Test]
    [Category("half-close")]
    [CancelAfter(60_000)]
    public Task An_end_of_one_direction_leaves_the_other_open([Values] Intermediary front, CancellationToken token) => BothWaysAsync(
        front,
        async (first, second) =>
        {
            Pattern before = Scope.NewPattern(), after = Scope.NewPattern();

            await first.SendPatternAsync(before, MiB, token);
            first.Shutdown(SocketShutdown.Send);
            Assert.That(await second.ReceivePatternAsync(before, token).WaitAsync(EndBound, token), Is.EqualTo(new StreamEnd(MiB, EndKind.Clean)));

            // One direction has ended; the other still carries bytes, few and many.
            var small = Scope.Faker.Random.Bytes(10);
            await second.SendAllAsync(small, token);
            var received = new byte[small.Length];
            await first.ReceiveExactlyAsync(received, token);
            Assert.That(received, Is.EqualTo(small));
            var reads = first.ReceivePatternAsync(after, token);
            await second.SendPatternAsync(after, 8 * MiB, token);
            second.Shutdown(SocketShutdown.Send);
            Assert.That(await reads, Is.EqualTo(new StreamEnd(8 * MiB, EndKind.Clean)));
        },
        token);

    [Test]
    [Category("200 tunnels")]
    [CancelAfter(180_000)]
    public async Task Two_hundred_tunnels_at_once_each_carry_their_own([Values] Intermediary front, CancellationToken token)
    {
        const int Tunnels = 200;
        var echo = Scope.Own(TcpService.Echo());
        var rig = await StartAsync(front, echo.EndPoint, token);
        var contents = Enumerable.Range(0, Tunnels).Select(_ => Scope.Faker.Random.Bytes(Scope.Faker.Random.Int(2, 60_000))).ToArray();
        using var halfway = new CountdownEvent(Tunnels);
        var allHalfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        async Task<byte[]> ExchangeAsync(byte[] content)
        {
            using var socket = await rig.ConnectAsync(Port, token);
            var half = content.Length / 2;
            var echoed = new byte[half];
            await socket.SendAllAsync(content.AsMemory(0, half), token);
            await socket.ReceiveExactlyAsync(echoed, token);

            // No tunnel goes on before all of them are open and have carried bytes both ways.
            if (halfway.Signal())
                allHalfway.SetResult();
            await allHalfway.Task.WaitAsync(token);
            await socket.SendAllAsync(content.AsMemory(half), token);
            socket.Shutdown(SocketShutdown.Send);
            return [.. echoed, .. await socket.ReceiveToEndAsync(token)];
        }

        Assert.That(await Task.WhenAll(contents.Select(ExchangeAsync)), Is.EqualTo(contents));
    }
}
