using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>A receiver that stops reading stops the sender, and nobody on the way keeps what it does not read.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class BackPressureTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    /// <summary>
    /// What may be under way between the two ends: the buffers of four TCP connections, as large as this kernel lets
    /// them grow, and little more.
    /// </summary>
    private static readonly long MaxUnderWay =
        4 * (ProcessFacts.MaxTcpBuffer("tcp_rmem") + ProcessFacts.MaxTcpBuffer("tcp_wmem")) + 4 * MiB;

    [Test]
    [CancelAfter(120_000)]
    public async Task A_receiver_that_stops_reading_stops_the_sender([Values] bool upstream, CancellationToken token)
    {
        using var service = new TcpService();
        var rig = await TunnelRig.StartAsync(Scope, "stream", service.EndPoint, token);

        // The relay has moved as much before, so that what it grows by later is due to the stall alone.
        await StallAndResumeAsync(rig, service, upstream, token);
        var before = ProcessFacts.ResidentKiB(rig.Relay.Id);

        var grown = await StallAndResumeAsync(rig, service, upstream, token) - before;

        await TestContext.Out.WriteLineAsync($"the relay grew by {grown} KiB from {before} KiB");
        Assert.That(grown, Is.LessThan(1024), "KiB by which the relay's resident size grew");
    }

    /// <summary>Lets a sender run into a receiver that does not read, then lets the receiver read everything.</summary>
    /// <returns>The relay's resident size during the stall, KiB.</returns>
    private async Task<long> StallAndResumeAsync(TunnelRig rig, TcpService service, bool upstream, CancellationToken token)
    {
        // Without back-pressure all of it would be gone before the receiver reads a byte.
        var count = MaxUnderWay + 64 * MiB;
        using var client = await rig.ConnectAsync("stream", token);
        using var server = await service.AcceptAsync(token);
        var (sender, receiver) = upstream ? (client, server) : (server, client);
        var pattern = Scope.NewPattern();
        var sent = 0L;

        var sending = SendAllAsync();
        var stalledAt = await Eventually.SettlesAsync(() => Volatile.Read(ref sent), "the sender's total", TimeSpan.FromSeconds(2), token);
        var resident = ProcessFacts.ResidentKiB(rig.Relay.Id);
        Assert.That(stalledAt, Is.LessThan(MaxUnderWay), "bytes sent to one who does not read");

        var end = await receiver.ReceivePatternAsync(pattern, token);
        await sending;
        Assert.That(end, Is.EqualTo(new StreamEnd(count, EndKind.Clean)));
        receiver.Shutdown(SocketShutdown.Send);
        Assert.That(await sender.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
        return resident;

        async Task SendAllAsync()
        {
            await sender.SendPatternAsync(pattern, count, token, total => Volatile.Write(ref sent, total));
            sender.Shutdown(SocketShutdown.Send);
        }
    }
}
