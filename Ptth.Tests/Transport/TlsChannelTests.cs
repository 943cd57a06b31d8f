using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>TLS over a socket as a channel, with both ends of this code or one of the framework's.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TlsChannelTests : InProcessTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_go_both_ways(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        foreach ((TlsChannel from, TlsChannel to) in new[] { (pair.Client, pair.Server), (pair.Server, pair.Client) })
        {
            byte[] sent = Random.Bytes(1_000);
            Assert.That(await from.SendAsync(sent), Is.EqualTo(sent.Length));
            Assert.That(await ReceiveExactlyAsync(to, sent.Length, token), Is.EqualTo(sent));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Much_goes_both_ways_at_once_in_pieces_of_any_size([Values(null, 16 * 1024)] int? bufferBytes, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token, bufferBytes);
        byte[] up = Random.Bytes(3_000_000), down = Random.Bytes(3_000_000);
        int[] sizes = [.. Enumerable.Range(0, 5_000).Select(_ => Random.Bool() ? Random.Int(1, 100) : Random.Int(1, 70_000))];

        async Task SendAsync(TlsChannel channel, byte[] bytes)
        {
            for (int sent = 0, i = 0; sent < bytes.Length; i++)
                sent += await channel.SendAsync(bytes.AsMemory(sent, Math.Min(sizes[i], bytes.Length - sent)));
            channel.ShutdownSend();
        }

        Task<byte[]> atServer = ReceiveToEndAsync(pair.Server, token), atClient = ReceiveToEndAsync(pair.Client, token);
        await Task.WhenAll(SendAsync(pair.Client, up), SendAsync(pair.Server, down)).ComesAsync(token);

        Assert.That((await atServer).AsSpan().SequenceEqual(up), Is.True);
        Assert.That((await atClient).AsSpan().SequenceEqual(down), Is.True);
        Assert.That((pair.Server.EndedCleanly, pair.Client.EndedCleanly), Is.EqualTo((true, true)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_gathering_send_sends_all_segments_in_order([Range(1, GatherList.MaxSegments)] int count, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        using var gather = new GatherList();
        var expected = new List<byte>();
        for (int i = 0; i < count; i++)
        {
            // Some longer than a record, most not.
            byte[] bytes = Random.Bytes(Random.Bool(0.3f) ? Random.Int(16_000, 40_000) : Random.Int(1, 50));
            gather.Add(bytes, 0, bytes.Length);
            expected.AddRange(bytes);
        }

        Task<byte[]> received = ReceiveExactlyAsync(pair.Server, expected.Count, token);
        Assert.That(await pair.Client.SendAsync(gather), Is.EqualTo(expected.Count));
        Assert.That((await received).AsSpan().SequenceEqual(expected.ToArray()), Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Short_segments_share_one_record(CancellationToken token)
    {
        (TlsChannel channel, Socket peer) = await OpenToRawAsync(token);
        using var gather = new GatherList();
        for (int i = 0; i < GatherList.MaxSegments; i++) gather.Add(Random.Bytes(100), 0, 100);
        await channel.SendAsync(gather);

        byte[] header = new byte[5];
        await peer.ReceiveExactlyAsync(header, token);
        Assert.That(header[0], Is.EqualTo(23), "application data");
        Assert.That((header[3] << 8) | header[4], Is.GreaterThanOrEqualTo(800));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Readable_is_told_without_taking_anything(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        Task<int> readable = pair.Client.WaitReadableAsync().AsTask();
        Assert.That(readable.IsCompleted, Is.False);
        await pair.Server.SendAsync("ab"u8.ToArray());

        Assert.That(await readable.ComesAsync(token), Is.Zero);
        Assert.That(pair.Client.IsReadable, Is.True);
        byte[] buffer = new byte[10];
        Assert.That(await pair.Client.ReceiveAsync(buffer), Is.EqualTo(2));
        Assert.That(pair.Client.IsReadable, Is.False);
        pair.Server.ShutdownSend();
        Assert.That(await pair.Client.WaitReadableAsync().AsTask().ComesAsync(token), Is.Zero);
        Assert.That(await pair.Client.ReceiveAsync(buffer), Is.Zero);
        Assert.That(pair.Client.EndedCleanly, Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_the_record_layer_holds_is_readable(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        await pair.Server.SendAsync(Random.Bytes(100));
        Assert.That(await pair.Client.ReceiveAsync(new byte[30]).AsTask().ComesAsync(token), Is.EqualTo(30));

        Assert.That(pair.Sockets.Peers.Available, Is.Zero, "the socket has nothing");
        Assert.That(pair.Client.IsReadable, Is.True);
        Assert.That(pair.Client.WaitReadableAsync().AsTask().IsCompleted, Is.True);
        Assert.That(await pair.Client.ReceiveAsync(new byte[100]), Is.EqualTo(70));
        Assert.That(pair.Client.IsReadable, Is.False);
    }

    /// <remarks>TLS 1.3 sends them after the handshake (RFC 8446 section 4.6.1): they make the socket readable, and nothing can be received.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task Session_tickets_are_nothing_to_receive([Values] bool waits, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        await InProcessWait.UntilAsync(() => pair.Sockets.Peers.Available > 0, "tickets have come", token);
        Task<int>? waiting = waits ? pair.Client.WaitReadableAsync().AsTask() : null;

        if (waiting is null) Assert.That(pair.Client.IsReadable, Is.False);
        await InProcessWait.UntilAsync(() => pair.Sockets.Peers.Available == 0, "they are taken in", token);
        waiting ??= pair.Client.WaitReadableAsync().AsTask();
        Assert.That(waiting.IsCompleted, Is.False);
        await pair.Server.SendAsync("x"u8.ToArray());
        await waiting.ComesAsync(token);
        Assert.That(await pair.Client.ReceiveAsync(new byte[10]), Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_send_completes_when_the_kernel_has_all_of_it([Values(1, 3)] int segments, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token, bufferBytes: 16 * 1024);
        using var gather = new GatherList();
        const int Bytes = 600_000;
        for (int i = 0; i < segments; i++) gather.Add(Random.Bytes(Bytes / segments), 0, Bytes / segments);

        Task<int> sending = pair.Client.SendAsync(gather).AsTask();
        Assert.That(sending.IsCompleted, Is.False, "more than all buffers hold");
        await ReceiveExactlyAsync(pair.Server, Bytes, token);
        Assert.That(await sending.ComesAsync(token), Is.EqualTo(Bytes));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_ends_a_receive_and_a_send_that_wait([Values] bool holdsBuffer, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token, bufferBytes: 16 * 1024);
        Task receiving = holdsBuffer ? pair.Client.ReceiveAsync(new byte[100]).AsTask() : pair.Client.WaitReadableAsync().AsTask();
        Task sending = pair.Client.SendAsync(new byte[600_000]).AsTask();
        Assert.That((receiving.IsCompleted, sending.IsCompleted), Is.EqualTo((false, false)));

        pair.Client.Abort();

        foreach (Task waiting in new[] { receiving, sending })
        {
            Exception? failure = await Assert.CatchAsync(() => waiting.ComesAsync(token));
            Assert.That(Connection.IsConnectionFailure(failure!) && !token.IsCancellationRequested, Is.True, failure?.ToString());
        }

        Assert.That(async () => await ReceiveToEndAsync(pair.Server, token), Throws.InstanceOf<IOException>(), "the peer sees a reset");
        await Task.Yield();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Aborting_at_any_moment_harms_nobody(CancellationToken token)
    {
        for (int round = 0; round < 100; round++)
        {
            TlsPair pair = await OpenAsync(token);
            byte[] bytes = Random.Bytes(200_000);
            Task[] work =
            [
                Ignore(ReceiveToEndAsync(pair.Server, token)), Ignore(ReceiveToEndAsync(pair.Client, token)),
                Ignore(pair.Client.SendAsync(bytes).AsTask()), Ignore(pair.Server.SendAsync(bytes).AsTask()),
            ];
            if (Random.Bool()) Thread.SpinWait(Random.Int(1, 20_000));
            if (Random.Bool()) pair.Client.Abort();
            else pair.Client.Dispose();
            if (Random.Bool()) pair.Server.ShutdownSend();
            pair.Dispose();
            await Task.WhenAll(work).ComesAsync(token);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Ending_the_sending_direction_leaves_the_other_one([Values] bool whileReading, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        Task<int>? readable = whileReading ? pair.Client.WaitReadableAsync().AsTask() : null;
        pair.Client.ShutdownSend();
        pair.Client.ShutdownSend();

        Assert.That(await ReceiveToEndAsync(pair.Server, token), Is.Empty);
        Assert.That(pair.Server.EndedCleanly, Is.True);
        await pair.Server.SendAsync("x"u8.ToArray());
        if (readable is not null) await readable.ComesAsync(token);
        Assert.That(await ReceiveExactlyAsync(pair.Client, 1, token), Is.EqualTo("x"u8.ToArray()));
        pair.Server.ShutdownSend();
        Assert.That(await ReceiveToEndAsync(pair.Client, token), Is.Empty);
    }

    /// <remarks>As when an idle connection is closed in the moment at which a request comes.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_send_behind_the_end_is_a_failure_of_the_connection([Values] bool isDisposed, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        pair.Client.ShutdownSend();
        if (isDisposed) pair.Client.Dispose();

        Exception? failure = await Assert.CatchAsync(async () => await pair.Client.SendAsync(new byte[10]));
        Assert.That(Connection.IsConnectionFailure(failure!), Is.True, failure?.ToString());
        if (!isDisposed) Assert.That(await ReceiveToEndAsync(pair.Server, token), Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_end_that_is_wanted_during_a_send_comes_behind_it(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token, bufferBytes: 16 * 1024);
        Task<int> sending = pair.Client.SendAsync(new byte[600_000]).AsTask();
        pair.Client.ShutdownSend();
        Assert.That(sending.IsCompleted, Is.False);

        Assert.That((await ReceiveToEndAsync(pair.Server, token)).Length, Is.EqualTo(600_000));
        Assert.That(pair.Server.EndedCleanly, Is.True);
        await sending.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_end_without_close_notify_is_not_clean([Values] bool afterData, CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        if (afterData) await pair.Client.SendAsync("abc"u8.ToArray());
        pair.Sockets.Peers.Shutdown(SocketShutdown.Send);

        Assert.That((await ReceiveToEndAsync(pair.Server, token)).Length, Is.EqualTo(afterData ? 3 : 0));
        Assert.That(pair.Server.EndedCleanly, Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_end_within_a_record_is_a_failure(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        // A record that says it has 100 bytes, of which two come.
        await pair.Sockets.Peers.SendAllAsync(new byte[] { 23, 3, 3, 0, 100, 1, 2 }, token);
        pair.Sockets.Peers.Shutdown(SocketShutdown.Send);

        Assert.That(async () => await ReceiveToEndAsync(pair.Server, token), Throws.InstanceOf<IOException>());
        await Task.Yield();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Records_that_come_byte_by_byte_are_received(CancellationToken token)
    {
        (TlsChannel channel, Socket peer, SslStream tls, MemoryStream records) = await OpenToFrameworkAsync(token);
        await tls.WriteAsync("some bytes"u8.ToArray(), token);
        Task<byte[]> received = ReceiveExactlyAsync(channel, 10, token);
        foreach (byte one in records.ToArray()) await peer.SendAllAsync(new[] { one }, token);

        Assert.That(Encoding.ASCII.GetString(await received), Is.EqualTo("some bytes"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_forged_record_is_a_failure(CancellationToken token)
    {
        TlsPair pair = await OpenAsync(token);
        await pair.Sockets.Peers.SendAllAsync((byte[])[23, 3, 3, 0, 30, .. Random.Bytes(30)], token);

        Assert.That(async () => await ReceiveToEndAsync(pair.Server, token), Throws.InstanceOf<IOException>());
        await Task.Yield();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_peer_that_does_not_speak_TLS_is_told_apart_and_can_be_answered(CancellationToken token)
    {
        TlsPair pair = TlsPair.Make();
        Own(pair);
        Task<bool> opening = pair.Server.OpenAsync().AsTask();
        await pair.Sockets.Peers.SendAllAsync("GET"u8.ToArray(), token);

        Assert.That(await opening.ComesAsync(token), Is.False);
        Assert.That(await ReceiveExactlyAsync(pair.Server, 3, token), Is.EqualTo("GET"u8.ToArray()));
        await pair.Server.SendAsync("no"u8.ToArray());
        pair.Server.ShutdownSend();
        Assert.That(await pair.Sockets.Peers.ReceiveToEndAsync(token), Is.EqualTo("no"u8.ToArray()));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_that_does_not_speak_TLS_is_named(CancellationToken token)
    {
        TlsPair pair = TlsPair.Make();
        Own(pair);
        Task<bool> opening = pair.Client.OpenAsync().AsTask();
        await pair.Sockets.Ours.SendAllAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), token);

        TlsException? failure = await Assert.ThrowsAsync<TlsException>(() => opening.ComesAsync(token));
        Assert.That(failure!.Message, Does.Contain("http://"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_handshake_that_stops_ends_with_the_abort([Values] bool server, CancellationToken token)
    {
        TlsPair pair = TlsPair.Make();
        Own(pair);
        TlsChannel channel = server ? pair.Server : pair.Client;
        Task<bool> opening = channel.OpenAsync().AsTask();
        // The beginning of a ClientHello, and no more.
        if (server) await pair.Sockets.Peers.SendAllAsync(new byte[] { 22, 3, 1, 2, 0 }, token);
        Assert.That(opening.IsCompleted, Is.False);

        channel.Abort();
        Exception? failure = await Assert.CatchAsync(() => opening.ComesAsync(token));
        Assert.That(Connection.IsConnectionFailure(failure!) && !token.IsCancellationRequested, Is.True, failure?.ToString());
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Handshakes_that_stop_keep_nobody_out(CancellationToken token)
    {
        for (int i = 0; i < 50; i++)
        {
            TlsPair stopped = TlsPair.Make();
            Own(stopped);
            await stopped.Sockets.Peers.SendAllAsync(new byte[] { 22, 3, 1, 2, 0 }, token);
            _ = Ignore(stopped.Server.OpenAsync().AsTask());
        }

        await OpenAsync(token);
    }

    private static async Task<byte[]> ReceiveExactlyAsync(TlsChannel channel, int count, CancellationToken token)
    {
        byte[] received = new byte[count];
        for (int length = 0; length < count;)
        {
            await channel.WaitReadableAsync().AsTask().ComesAsync(token);
            int more = await channel.ReceiveAsync(received.AsMemory(length)).AsTask().ComesAsync(token);
            if (more == 0) throw new EndOfStreamException();
            length += more;
        }

        return received;
    }

    private static async Task<byte[]> ReceiveToEndAsync(TlsChannel channel, CancellationToken token)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[20_000];
        while (true)
        {
            await channel.WaitReadableAsync().AsTask().ComesAsync(token);
            int more = await channel.ReceiveAsync(buffer).AsTask().ComesAsync(token);
            if (more == 0) return all.ToArray();
            all.Write(buffer, 0, more);
        }
    }

    private static async Task Ignore(Task work) => await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<TlsPair> OpenAsync(CancellationToken token, int? bufferBytes = null) => Own(await TlsPair.OpenAsync(token, bufferBytes));

    /// <summary>A client's end, and the socket below the server's, whose handshake the framework made.</summary>
    private async Task<(TlsChannel Channel, Socket Peer)> OpenToRawAsync(CancellationToken token)
    {
        InProcessTcp sockets = InProcessTcp.Connect();
        var channel = Own(new TlsChannel(new SocketChannel(sockets.Peers), TlsPair.ClientHandshake()));
        Task<bool> opening = channel.OpenAsync().AsTask();
        var tls = Own(new SslStream(new NetworkStream(sockets.Ours, ownsSocket: true)));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = TlsPair.ContextOf(TlsPair.Certificate) }, token);
        await opening.ComesAsync(token);
        return (channel, sockets.Ours);
    }

    /// <summary>A server's end, and a client of the framework's whose records can be caught on their way.</summary>
    private async Task<(TlsChannel Channel, Socket Peer, SslStream Tls, MemoryStream Records)> OpenToFrameworkAsync(CancellationToken token)
    {
        InProcessTcp sockets = InProcessTcp.Connect();
        var channel = Own(new TlsChannel(new SocketChannel(sockets.Ours), TlsPair.ServerHandshake()));
        var catching = Own(new CatchingStream(sockets.Peers));
        var tls = Own(new SslStream(catching, leaveInnerStreamOpen: true, static (_, shown, _, _) => shown!.GetCertHashString() == TlsPair.Certificate.Certificate.Thumbprint));
        Task<bool> opening = channel.OpenAsync().AsTask();
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, token);
        await opening.ComesAsync(token);
        return (channel, sockets.Peers, tls, catching.Catch());
    }

    /// <summary>A socket whose writes can be kept back.</summary>
    private sealed class CatchingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private MemoryStream? _caught;

        public MemoryStream Catch() => _caught = new MemoryStream();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _caught is null ? base.WriteAsync(buffer, cancellationToken) : _caught.WriteAsync(buffer, cancellationToken);
    }
}
