using NUnit.Framework;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Tunnels;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>What a tunnel whose bytes go in segments holds. Alone, since the whole process's buffers are counted.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class SegmentMemoryTests : InProcessTest
{
    private const int SegmentBytes = 4 * 1024 * 1024;
    private const string Accepted = "HTTP/1.1 200 OK\r\nPtth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\nPtth-Accepts: segments\r\nTransfer-Encoding: chunked\r\n\r\n";

    private readonly TcpService _service;

    public SegmentMemoryTests() => _service = Own(new TcpService());

    [Test]
    [CancelAfter(60_000)]
    public async Task A_tunnel_holds_one_segment_while_that_is_under_way_and_no_buffer_at_rest(CancellationToken token)
    {
        using var pooled = new PooledArrays(SegmentBuffer.FirstBytes);
        await using var proxy = new InProcessClientProxy(_service.EndPoint, TimeProvider.System, upload: new UploadSettings(UploadMode.Segments, SegmentBytes));
        InProcessPeer local = proxy.Connect();
        InProcessPeer download = await AcceptAsync(token);
        await download.ReadMessageAsync(token);
        await download.SendAsync(Accepted, token);
        InProcessPeer relay = await AcceptAsync(token);
        await relay.ReadMessageAsync(token);
        await AnswerAsync(relay, 0, token);
        Assert.That(pooled.MostBytes, Is.Zero);

        long offset = 0;
        for (int i = 0; i < 3; i++)
        {
            await local.SendAsync("hello", token);
            offset += (await relay.ReadMessageAsync(token)).Body.Length;
            Assert.That(pooled.Bytes, Is.EqualTo(SegmentBuffer.FirstBytes), "it is under way");
            await AnswerAsync(relay, offset, token);
            await InProcessWait.UntilAsync(() => pooled.Bytes == 0, "nothing is held at rest", token);
        }

        const int Bytes = 5 * SegmentBytes;
        Task sending = local.Socket.SendPatternAsync(new Pattern((ulong)Seed), Bytes, token);
        for (long end = offset + Bytes; offset < end;)
        {
            int length = (await relay.ReadMessageAsync(token)).Body.Length;
            Assert.That(length, Is.LessThanOrEqualTo(SegmentBytes));
            Assert.That(pooled.Bytes, Is.LessThanOrEqualTo(SegmentBytes), "it is under way");
            offset += length;
            await AnswerAsync(relay, offset, token);
        }

        await sending;
        await InProcessWait.UntilAsync(() => pooled.Bytes == 0, "nothing is held at rest", token);
        Assert.That(pooled.MostBytes, Is.InRange(SegmentBytes, SegmentBytes + SegmentBuffer.FirstBytes), "the first buffer is copied into the large one");
    }

    private static Task AnswerAsync(InProcessPeer relay, long offset, CancellationToken token) =>
        relay.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Offset: {offset}\r\nContent-Length: 0\r\n\r\n", token);

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => Own(new InProcessPeer(await _service.AcceptAsync(token)));
}
