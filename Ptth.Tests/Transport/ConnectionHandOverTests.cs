using System.Globalization;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>Heads through the pipe and bodies from the channel, by turns on one connection, however the bytes were split.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ConnectionHandOverTests : InProcessTest
{
    private readonly RequestHeadSink _sink = new(HttpLimits.Default, owner: null);

    [Test]
    [CancelAfter(60_000)]
    public async Task Two_thousand_pipelined_requests_in_random_pieces(CancellationToken token)
    {
        const int Rounds = 2_000;
        List<(byte[] Message, byte[] Body)> requests = [.. Enumerable.Range(0, Rounds).Select(NewRequest)];
        (Connection connection, InProcessPeer peer) = Open();

        Task sending = peer.SendInPiecesAsync(requests.SelectMany(static request => request.Message).ToArray(), new Random(Seed), token);
        var sizes = new Random(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            RequestHead head = await ReadHeadAsync(connection);
            byte[] body = await ReadBodyAsync(connection, head, sizes);
            if (head.Target != $"/{i}" || !body.AsSpan().SequenceEqual(requests[i].Body)) Assert.Fail($"request {i} came as {head.Target} with {body.Length} bytes");
        }

        await sending;
        peer.SendFin();
        _sink.Reset();
        Assert.That(await connection.ReadHeadAsync(_sink), Is.EqualTo(HeadOutcome.Closed));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Byte_by_byte(CancellationToken token)
    {
        (Connection connection, InProcessPeer peer) = Open();
        string[] bodies = ["", "abc", "", "d"];

        Task sending = peer.SendByteByByteAsync(string.Concat(bodies.Select(Request)), token);
        foreach (string body in bodies)
        {
            RequestHead head = await ReadHeadAsync(connection);
            Assert.That(Encoding.ASCII.GetString(await ReadBodyAsync(connection, head, new Random(Seed))), Is.EqualTo(body));
        }

        await sending;
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task At_every_split_point([Values(true, false)] bool surplusIsBody, CancellationToken token)
    {
        // One half comes with the first head, the other one from the channel; a third request goes through the pipe again.
        string[] bodies = surplusIsBody ? ["hello", "", "world", ""] : ["x", "", "", "y"];
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(bodies.Select(Request)));
        int firstHead = Encoding.ASCII.GetString(bytes).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;

        for (int split = firstHead; split <= bytes.Length; split++)
        {
            (Connection connection, InProcessPeer peer) = Open();
            await peer.SendAsync(bytes.AsMemory(0, split), token);
            List<string> read = [];
            RequestHead head = await ReadHeadAsync(connection);
            await peer.SendAsync(bytes.AsMemory(split), token);
            while (true)
            {
                read.Add(Encoding.ASCII.GetString(await ReadBodyAsync(connection, head, new Random(split))));
                if (read.Count == bodies.Length) break;
                head = await ReadHeadAsync(connection);
            }

            Assert.That(read, Is.EqualTo(bodies), $"split at {split}");
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_head_longer_than_a_pipe_segment(CancellationToken token)
    {
        (Connection connection, InProcessPeer peer) = Open();
        string field = new('x', 10_000);

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nX: {field}\r\nContent-Length: 3\r\n\r\nabc" + Request(""), token);
        RequestHead first = await ReadHeadAsync(connection);
        byte[] body = await ReadBodyAsync(connection, first, new Random(Seed));
        RequestHead second = await ReadHeadAsync(connection);

        Assert.That(first.Fields.TryGetSingle("X"u8, out ReadOnlySpan<byte> value) && value.Length == field.Length, Is.True);
        Assert.That(Encoding.ASCII.GetString(body), Is.EqualTo("abc"));
        Assert.That(second.Framing.HasBody, Is.False);
    }

    [TestCase("GET / HTTP/1.1\r\nHost a\r\n\r\n", HeadOutcome.Invalid)]
    [TestCase("GET / HTTP/1.1\r\nHo", HeadOutcome.Broken)]
    [TestCase("", HeadOutcome.Closed)]
    [CancelAfter(30_000)]
    public async Task What_is_not_a_head(string bytes, HeadOutcome expected, CancellationToken token)
    {
        (Connection connection, InProcessPeer peer) = Open();
        Task sending = peer.SendByteByByteAsync(bytes, token).ContinueWith(_ => peer.SendFin(), token, default, TaskScheduler.Default);

        Assert.That(await connection.ReadHeadAsync(_sink), Is.EqualTo(expected));
        await sending;
    }

    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nX y\r\n\r\n", HeadOutcome.Invalid)]
    [TestCase("GET / HTTP/1.1\r\nHo", HeadOutcome.Broken)]
    [TestCase("", HeadOutcome.Closed)]
    [CancelAfter(30_000)]
    public async Task What_is_not_a_head_behind_a_body(string bytes, HeadOutcome expected, CancellationToken token)
    {
        (Connection connection, InProcessPeer peer) = Open();
        await peer.SendAsync(Request("abc") + bytes, token);
        peer.SendFin();

        RequestHead head = await ReadHeadAsync(connection);
        await ReadBodyAsync(connection, head, new Random(Seed));
        _sink.Reset();

        Assert.That(await connection.ReadHeadAsync(_sink), Is.EqualTo(expected));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reset_between_heads_is_a_break(CancellationToken token)
    {
        (Connection connection, InProcessPeer peer) = Open();
        await peer.SendAsync(Request("abc"), token);
        RequestHead head = await ReadHeadAsync(connection);
        await ReadBodyAsync(connection, head, new Random(Seed));
        peer.Reset();
        _sink.Reset();

        Assert.That(await connection.ReadHeadAsync(_sink), Is.EqualTo(HeadOutcome.Broken));
    }

    private (Connection Connection, InProcessPeer Peer) Open()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        return (Own(new Connection(new SocketChannel(pair.Ours))), Own(new InProcessPeer(pair.Peers)));
    }

    private (byte[] Message, byte[] Body) NewRequest(int index)
    {
        byte[] body = Random.Number(0, 3) == 0 ? [] : Random.Bytes(Random.Number(1, Random.Number(0, 20) == 0 ? 90_000 : 900));
        string start = string.Create(CultureInfo.InvariantCulture, $"POST /{index} HTTP/1.1\r\nHost: a\r\n");
        if (body.Length == 0) return (Encoding.ASCII.GetBytes(start + "\r\n"), body);
        return Random.Bool()
            ? ([.. Encoding.ASCII.GetBytes($"{start}Content-Length: {body.Length}\r\n\r\n"), .. body], body)
            : ([.. Encoding.ASCII.GetBytes(start + "Transfer-Encoding: chunked\r\n\r\n"), .. RandomInput.Chunked(Seeds.Faker(Seed + index), body)], body);
    }

    private static string Request(string body) =>
        "POST / HTTP/1.1\r\nHost: a\r\n" + (body.Length == 0 ? "\r\n" : $"Content-Length: {body.Length}\r\n\r\n{body}");

    private async Task<RequestHead> ReadHeadAsync(Connection connection)
    {
        _sink.Reset();
        HeadOutcome outcome = await connection.ReadHeadAsync(_sink);
        Assert.That(outcome, Is.EqualTo(HeadOutcome.Read), () => $"{_sink.Violation}, {Seeds.Message(Seed)}");
        return _sink.Head!;
    }

    /// <summary>Reads a body as a flow does, with receives of random sizes.</summary>
    private static async Task<byte[]> ReadBodyAsync(Connection connection, RequestHead head, Random sizes)
    {
        using var payload = new MemoryStream();
        var body = BodySource.For(connection, head.Framing, HttpLimits.Default);
        byte[] buffer = new byte[70_000];
        while (!body.IsEmpty)
        {
            Memory<byte> room = buffer.AsMemory(0, sizes.Next(3) == 0 ? buffer.Length : sizes.Next(1, 300));
            int received = body.TakeSurplus(room.Span);
            if (received == 0) received = await connection.Channel.ReceiveAsync(room);
            if (received == 0) throw new EndOfStreamException();
            int at = 0;
            ChunkStep step;
            do
            {
                step = body.Next(room.Span[at..received], out ChunkPiece piece);
                if (step == ChunkStep.Data) payload.Write(room.Span.Slice(at + piece.DataStart, piece.DataLength));
                at += piece.Consumed;
            }
            while (step == ChunkStep.Data);

            if (step == ChunkStep.Invalid) throw new InvalidDataException();
            if (step != ChunkStep.End) continue;
            body.End(room.Span[at..received]);
            break;
        }

        return payload.ToArray();
    }
}
