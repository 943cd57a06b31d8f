using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Bogus;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>TLS with peers that mean harm: handshakes that are broken anywhere or stand still, and records with nothing in them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TlsHostilePeerTests : InProcessTest
{
    private const int Rounds = 150;

    private const string UnfitHello =
        "16030100F7010000F303030FA7EFC5D26A5F4C0E2F309658C69908B65A631FA71084695619C19E003945AE202C53798E3194374F40D42637FEF386C5E917F01B" +
        "F404FEF854DC50C713BC979C007F13021303130100FF010000A20000000E000C0000096C6F63616C686F7374000B000403000102000A00160014001D0017001E" +
        "1019001801000101010201030104002300000005000501000000000016000000170000000D001E001C040305030603080708080809080A080B08040805080604" +
        "0105010601002B0003020304002D00020101003300260024001D0020C2494AAC368F56952B4B117C0BD656DC1BA251F218EA53DD75B5EFDB14604E1C";

    private static readonly MadeCertificate Long = MadeCertificate.SelfIssued([.. Enumerable.Range(0, 1_000).Select(static number => $"{number}.example")]);
    private static readonly MadeCertificate Chained = MadeCertificate.Authority("root").IssueAuthority("between").Issue(["a.example"], KeyKind.Rsa);

    [Test]
    [CancelAfter(60_000)]
    public async Task A_client_s_first_message_may_be_broken_anywhere([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols version, CancellationToken token)
    {
        byte[] hello = await ClientHelloAsync(version, token);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] broken = Break(hello, Random);
            // The first byte decides that it is TLS at all.
            broken[0] = 22;
            await AssertFailsAsync(broken, token);
        }
    }

    /// <remarks>One of its lengths does not fit the others, for which the framework's own parser throws something else than for the rest.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public Task A_client_s_first_message_may_have_lengths_that_do_not_fit(CancellationToken token) => AssertFailsAsync(Convert.FromHexString(UnfitHello), token);

    private static async Task AssertFailsAsync(byte[] hello, CancellationToken token)
    {
        InProcessTcp sockets = InProcessTcp.Connect();
        using Socket peer = sockets.Peers;
        using var channel = new TlsChannel(new SocketChannel(sockets.Ours), TlsPair.ServerHandshake());
        Task<bool> opening = channel.OpenAsync().AsTask();
        await peer.SendAllAsync(hello, token);
        peer.Shutdown(SocketShutdown.Send);

        Exception? failure = await Assert.CatchAsync(() => opening.ComesAsync(token));
        Assert.That(failure, Is.InstanceOf<TlsException>(), Convert.ToHexString(hello));
    }

    /// <remarks>In TLS 1.2 certificates come in plain text, so that anybody on the way can break them.</remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task A_server_s_first_messages_may_be_broken_anywhere([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols version, [Values] bool pins, CancellationToken token)
    {
        IServerTrust trust = pins ? new PinTrust([CertificateFingerprint.Of(TlsPair.Certificate.Certificate)]) : ChainTrust.Of([TlsPair.Certificate.Certificate]);
        for (int round = 0; round < Rounds; round++)
        {
            InProcessTcp sockets = InProcessTcp.Connect();
            using var breaking = new BreakingStream(sockets.Ours, Random);
            using var server = new SslStream(breaking, leaveInnerStreamOpen: true);
            using var channel = new TlsChannel(new SocketChannel(sockets.Peers), new TlsClientHandshake("localhost", trust));
            Task accepting = server.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificateContext = TlsPair.ContextOf(Chained), EnabledSslProtocols = version }, token);
            Task<bool> opening = channel.OpenAsync().AsTask();
            // One side may wait for what the other, broken, does not send.
            _ = accepting.ContinueWith(_ => sockets.Ours.Shutdown(SocketShutdown.Send), token, TaskContinuationOptions.None, TaskScheduler.Default);
            await Task.WhenAny(opening, breaking.HasWritten).ComesAsync(token);
            if (!opening.IsCompleted) sockets.Ours.Shutdown(SocketShutdown.Send);

            Exception? failure = await Assert.CatchAsync(() => opening.ComesAsync(token));
            Assert.That(failure, Is.InstanceOf<TlsException>());
            Assert.That(failure!.Message.All(static c => c is >= ' ' and <= '~'), Is.True, failure.Message);
            channel.Dispose();
            await accepting.ContinueWith(static _ => { }, TaskScheduler.Default).ComesAsync(token);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_peer_that_takes_nothing_of_a_long_certificate_keeps_nobody_out(CancellationToken token)
    {
        byte[] hello = await ClientHelloAsync(SslProtocols.Tls13, token);
        List<Task> standing = [];
        for (int i = 0; i <= TlsHandshakeGate.Places; i++)
        {
            InProcessTcp sockets = InProcessTcp.Connect(bufferBytes: 2_048);
            Own(sockets.Peers);
            var channel = Own(new TlsChannel(new SocketChannel(sockets.Ours), TlsPair.ServerHandshake(Long)));
            standing.Add(channel.OpenAsync().AsTask());
            await sockets.Peers.SendAllAsync(hello, token);
            await InProcessWait.UntilAsync(() => sockets.Peers.Available > 1_000, "the answer has begun to come", token);
        }

        Own(await TlsPair.OpenAsync(token));
        Assert.That(standing.Select(static task => task.IsCompleted), Is.All.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Some_key_updates_are_taken_in([Values] bool waits, CancellationToken token)
    {
        (TlsChannel channel, InProcessTcp sockets, OpenSslClient client) = await OpenAsync(token);
        Task<int>? waiting = waits ? channel.WaitReadableAsync().AsTask() : null;
        for (int i = 0; i < 8; i++)
        {
            await sockets.Peers.SendAllAsync(client.KeyUpdates(8), token);
            if (waits) await InProcessWait.UntilAsync(() => sockets.Ours.Available == 0, "they are taken in", token);
        }

        Assert.That(waiting is { IsCompleted: true }, Is.False);
        await sockets.Peers.SendAllAsync(client.Record("abc"u8.ToArray()), token);
        if (waiting is not null) await waiting.ComesAsync(token);
        Assert.That(await channel.ReceiveAsync(new byte[10]).AsTask().ComesAsync(token), Is.EqualTo(3));
    }

    /// <remarks>They cost the receiver more than the sender, none of the bounds of HTTP sees them, and one call takes in all that come.</remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task Key_updates_without_end_break_the_connection([Values("wait", "receive", "probe")] string reading, CancellationToken token)
    {
        (TlsChannel channel, InProcessTcp sockets, OpenSslClient client) = await OpenAsync(token);
        await sockets.Peers.SendAllAsync(client.KeyUpdates(TlsSocketStream.MaxSpareRecords + 1), token);
        Exception? failure = await Assert.CatchAsync(async () =>
        {
            if (reading == "wait") await channel.WaitReadableAsync().AsTask().ComesAsync(token);
            else if (reading == "receive") await channel.ReceiveAsync(new byte[10]).AsTask().ComesAsync(token);
            else await InProcessWait.UntilAsync(() => channel.IsReadable, "it is told", token);
        });
        Assert.That(failure, Is.InstanceOf<IOException>());
    }

    /// <remarks>What was received long ago pays for nothing.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task Much_data_does_not_save_up_for_key_updates(CancellationToken token)
    {
        (TlsChannel channel, InProcessTcp sockets, OpenSslClient client) = await OpenAsync(token);
        await sockets.Peers.SendAllAsync(client.Record(new byte[10_000]), token);
        for (int received = 0; received < 10_000;) received += await channel.ReceiveAsync(new byte[20_000]).AsTask().ComesAsync(token);
        Task<int> waiting = channel.WaitReadableAsync().AsTask();
        await sockets.Peers.SendAllAsync(client.KeyUpdates(TlsSocketStream.MaxSpareRecords + 1), token);

        Assert.That(async () => await waiting.ComesAsync(token), Throws.InstanceOf<IOException>());
        await Task.Yield();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Each_byte_pays_for_a_record(CancellationToken token)
    {
        (TlsChannel channel, InProcessTcp sockets, OpenSslClient client) = await OpenAsync(token);
        byte[] buffer = new byte[100];
        for (int i = 0; i < 1_000; i++)
        {
            await sockets.Peers.SendAllAsync((byte[])[.. client.Record([1]), .. client.KeyUpdates(i % 10 == 0 ? 1 : 0)], token);
            await channel.WaitReadableAsync().AsTask().ComesAsync(token);
            Assert.That(await channel.ReceiveAsync(buffer).AsTask().ComesAsync(token), Is.EqualTo(1));
        }
    }

    /// <remarks>Each time a chunk of them has come, the next receive goes on in the thread pool.</remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task Small_records_that_are_there_already_do_not_keep_the_thread(CancellationToken token)
    {
        (TlsChannel channel, InProcessTcp sockets, OpenSslClient client) = await OpenAsync(token);
        const int Records = 2_000;
        byte[] records = [.. Enumerable.Range(0, Records).SelectMany(_ => client.Record([1]))];
        await sockets.Peers.SendAllAsync(records, token);
        await InProcessWait.UntilAsync(() => sockets.Ours.Available == records.Length, "all is there", token);

        int waits = 0;
        for (int received = 0; received < Records;)
        {
            Task<int> receiving = channel.ReceiveAsync(new byte[2_000]).AsTask();
            if (!receiving.IsCompleted) waits++;
            received += await receiving.ComesAsync(token);
        }

        Assert.That(waits, Is.Positive);
    }

    /// <summary>What a client of the framework's sends first.</summary>
    private static async Task<byte[]> ClientHelloAsync(SslProtocols version, CancellationToken token)
    {
        InProcessTcp sockets = InProcessTcp.Connect();
        using Socket ours = sockets.Ours;
        using var client = new SslStream(new NetworkStream(sockets.Peers, ownsSocket: true));
        Task shaking = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version }, token);
        byte[] buffer = new byte[4_096];
        int length = await ours.ReceiveAsync(buffer, token);
        ours.Shutdown(SocketShutdown.Send);
        await shaking.ContinueWith(static _ => { }, TaskScheduler.Default).ComesAsync(token);
        return buffer[..length];
    }

    /// <summary>A copy with one thing wrong: a few bytes, the end, or a piece that is there twice.</summary>
    private static byte[] Break(ReadOnlySpan<byte> message, Randomizer random)
    {
        byte[] broken = message.ToArray();
        int at = random.Number(0, broken.Length - 1);
        switch (random.Number(0, 3))
        {
            case 0:
                return broken[..Math.Max(1, at)];
            case 1:
                return [.. broken[..at], .. broken[(at / 2)..]];
            default:
                for (int i = random.Number(1, 4); i > 0; i--) broken[random.Number(0, broken.Length - 1)] ^= (byte)random.Number(1, 255);
                return broken;
        }
    }

    private async Task<(TlsChannel Channel, InProcessTcp Sockets, OpenSslClient Client)> OpenAsync(CancellationToken token)
    {
        InProcessTcp sockets = InProcessTcp.Connect();
        Own(sockets.Peers);
        var channel = Own(new TlsChannel(new SocketChannel(sockets.Ours), TlsPair.ServerHandshake()));
        Task<bool> opening = channel.OpenAsync().AsTask();
        OpenSslClient client = Own(await OpenSslClient.ConnectAsync(sockets.Peers).ComesAsync(token));
        await opening.ComesAsync(token);
        return (channel, sockets, client);
    }

    /// <summary>A socket whose first write is broken.</summary>
    private sealed class BreakingStream(Socket socket, Randomizer random) : NetworkStream(socket, ownsSocket: true)
    {
        private readonly TaskCompletionSource<bool> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> HasWritten => _written.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(_written.Task.IsCompleted ? buffer : Break(buffer.Span, random), cancellationToken);
            _written.TrySetResult(true);
        }
    }
}
