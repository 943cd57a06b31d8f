using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>A socket as a channel.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SocketChannelTests : InProcessTest
{
    [Test]
    public void A_channel_s_socket_never_blocks() => Assert.That(Open().Channel.Socket.Blocking, Is.False);

    [Test]
    [CancelAfter(30_000)]
    public async Task A_socket_that_was_reset_already_can_be_taken_over(CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect();
        pair.Peers.Reset();
        var channel = Own(new SocketChannel(pair.Ours));

        Assert.That(async () => await channel.ReceiveAsync(new byte[1]).AsTask().ComesAsync(token), Throws.InstanceOf<SocketException>());
        channel.ShutdownSend();
        channel.BreaksOnClose = true;
        await Task.Yield();
    }

    /// <remarks>As when it was displaced in the moment in which it was accepted.</remarks>
    [Test]
    public async Task A_socket_that_was_closed_already_can_be_taken_over()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        Own(pair.Peers);
        pair.Ours.Close(timeout: 0);
        var channel = Own(new SocketChannel(pair.Ours));

        Exception? failure = await Assert.CatchAsync(async () => await channel.ReceiveAsync(new byte[1]));
        Assert.That(Connection.IsConnectionFailure(failure!), Is.True, failure?.ToString());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Readable_is_told_without_taking_anything(CancellationToken token)
    {
        (SocketChannel channel, InProcessPeer peer) = Open();
        Task<int> readable = channel.WaitReadableAsync().AsTask();
        Assert.That(readable.IsCompleted, Is.False);
        await peer.SendAsync("ab", token);

        Assert.That(await readable.ComesAsync(token), Is.Zero);
        byte[] buffer = new byte[10];
        Assert.That(await channel.ReceiveAsync(buffer), Is.EqualTo(2));
        peer.SendFin();
        Assert.That(await channel.ReceiveAsync(buffer), Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_gathering_send_sends_all_segments_in_order([Range(1, GatherList.MaxSegments)] int count, CancellationToken token)
    {
        (SocketChannel channel, InProcessPeer peer) = Open();
        using var gather = new GatherList();
        var expected = new StringBuilder();
        for (int round = 0; round < 2; round++)
        {
            gather.Clear();
            for (int i = 0; i < count; i++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes($"..{round}:{i}..");
                gather.Add(bytes, 2, bytes.Length - 4);
                expected.Append(Encoding.ASCII.GetString(bytes, 2, bytes.Length - 4));
            }

            await channel.SendAsync(gather);
        }

        Assert.That(Encoding.ASCII.GetString(await peer.ReadExactlyAsync(expected.Length, token)), Is.EqualTo(expected.ToString()));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_send_completes_when_the_kernel_has_all_of_it([Values(1, 3)] int segments, CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect(bufferBytes: 16 * 1024);
        var channel = Own(new SocketChannel(pair.Ours));
        var peer = Own(new InProcessPeer(pair.Peers));
        using var gather = new GatherList();
        const int Bytes = 300_000;
        for (int i = 0; i < segments; i++) gather.Add(Random.Bytes(Bytes / segments), 0, Bytes / segments);

        Task<int> sending = channel.SendAsync(gather).AsTask();
        Assert.That(sending.IsCompleted, Is.False, "more than all buffers hold");
        byte[] received = await peer.ReadExactlyAsync(Bytes, token);

        Assert.That(await sending.ComesAsync(token), Is.EqualTo(Bytes));
        byte[] sent = [.. Enumerable.Range(0, segments).SelectMany(i => gather[i])];
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_ends_a_receive_and_a_send_that_wait([Values(1, 3)] int segments, CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect(bufferBytes: 16 * 1024);
        var channel = Own(new SocketChannel(pair.Ours));
        var peer = Own(new InProcessPeer(pair.Peers));
        using var gather = new GatherList();
        for (int i = 0; i < segments; i++) gather.Add(new byte[200_000], 0, 200_000);
        Task receiving = channel.WaitReadableAsync().AsTask();
        Task sending = channel.SendAsync(gather).AsTask();

        channel.Abort();

        foreach (Task waiting in new[] { receiving, sending })
        {
            Exception? failure = await Assert.CatchAsync(() => waiting.ComesAsync(token));
            Assert.That(Connection.IsConnectionFailure(failure!) && !token.IsCancellationRequested, Is.True, failure?.ToString());
        }

        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Ending_the_sending_direction_leaves_the_other_one(CancellationToken token)
    {
        (SocketChannel channel, InProcessPeer peer) = Open();
        channel.ShutdownSend();
        channel.ShutdownSend();

        Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await peer.SendAsync("x", token);
        Assert.That(await channel.ReceiveAsync(new byte[1]), Is.EqualTo(1));
    }

    [TestCase(true, PeerEnd.Reset)]
    [TestCase(false, PeerEnd.Fin)]
    [CancelAfter(30_000)]
    public async Task Closing_breaks_off_where_it_is_told_to(bool breaks, PeerEnd expected, CancellationToken token)
    {
        (SocketChannel channel, InProcessPeer peer) = Open();
        channel.BreaksOnClose = true;
        channel.BreaksOnClose = breaks;
        channel.Dispose();

        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(expected));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_peer_that_has_acknowledged_all_owes_nothing(CancellationToken token)
    {
        (SocketChannel channel, InProcessPeer peer) = Open();
        await channel.SendAsync("abc"u8.ToArray());
        await peer.ReadExactlyAsync(3, token);

        await Eventually.HoldsAsync(() => channel.Debt is null, () => "it owes nothing", TimeSpan.FromSeconds(5), token);
    }

    [Test]
    [CancelAfter(30_000)]
    [Platform("Linux")]
    public async Task It_is_known_how_long_a_peer_owes_an_answer(CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect();
        var channel = Own(new SocketChannel(pair.Ours));
        Own(new InProcessPeer(pair.Peers));
        SilencedSocket.Silence(pair.Peers);
        await channel.SendAsync("abc"u8.ToArray());

        await Eventually.HoldsAsync(
            () => channel.Debt is { HasSegments: true, SilentMilliseconds: > 700 and < 20_000 },
            () => $"it has owed one for a while: {channel.Debt}",
            TimeSpan.FromSeconds(10),
            token);
    }

    private (SocketChannel Channel, InProcessPeer Peer) Open()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        return (Own(new SocketChannel(pair.Ours)), Own(new InProcessPeer(pair.Peers)));
    }
}
