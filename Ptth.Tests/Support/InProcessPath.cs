using System.Globalization;
using System.Net;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>
/// An intermediary between a proxy and a relay, by hand, with the faults that intermediaries have. It reads messages whole or chunk by chunk, and
/// says in each answer that it is there.
/// </summary>
internal sealed class InProcessPath : IDisposable
{
    private const string Name = "Server: faulty/1.0\r\n";
    private const string LastChunk = "0\r\n\r\n";

    private readonly TcpService _service = new();
    private readonly IPEndPoint _relay;
    private volatile bool _isSilent;
    private int _hidden;
    private volatile bool _holdsRequests;
    private readonly List<(string Target, InProcessPeer Client, InProcessPeer Relay)> _open = [];

    public InProcessPath(IPEndPoint relay)
    {
        _relay = relay;
        _service.ServeEach(async socket => await ServeAsync(new InProcessPeer(socket)));
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _service.EndPoint;

    /// <summary>Whether bodies of requests are held back until they end.</summary>
    public bool HoldsRequests { get => _holdsRequests; set => _holdsRequests = value; }

    /// <summary>What they wait for besides.</summary>
    public Task Release { get; init; } = Task.CompletedTask;

    /// <summary>Whether bodies of answers are.</summary>
    public bool HoldsAnswers { get; init; }

    /// <summary>Whether those are not that ask with X-Accel-Buffering.</summary>
    public bool HeedsHint { get; init; }

    /// <summary>Whether answers to bodies are kept until those have ended, but for answers that go on themselves.</summary>
    public bool KeepsEarlyAnswers { get; init; }

    /// <summary>Whether what breaks off on the one side is ended on the other.</summary>
    public bool EndsBreaks { get; init; }

    /// <summary>Whether what breaks off on the one side just stops on the other.</summary>
    public bool HidesBreaks { get; init; }

    /// <summary>How many it has hidden.</summary>
    public int Hidden => Volatile.Read(ref _hidden);

    /// <summary>Whether the relay behind it is one that breaks no answer off.</summary>
    public bool IsRelayOlder { get; init; }

    /// <summary>Whether it takes out what a probe asks for.</summary>
    public bool DropsOrders { get; init; }

    /// <summary>The longest body of a request, bytes.</summary>
    public long MaxBody { get; init; } = long.MaxValue;

    /// <summary>Whether it speaks HTTP/1.0 to the relay; then it holds requests, too, to know their lengths.</summary>
    public bool IsOld { get; init; }

    /// <summary>Whether each request to the relay gets a connection of its own.</summary>
    public bool ReconnectsToRelay { get; init; }

    /// <summary>Whether it closes each connection to a client behind an answer.</summary>
    public bool Closes { get; init; }

    /// <summary>Whether it changes the bytes of answers.</summary>
    public bool ChangesAnswers { get; init; }

    /// <summary>Whether it lets no more bytes of streams through from now on, and says so to nobody.</summary>
    public bool IsSilent { get => _isSilent; set => _isSilent = value; }

    /// <summary>Whether one of a target's exchanges is under way.</summary>
    public bool Has(string target)
    {
        lock (_open) return _open.Exists(one => one.Target.EndsWith(target, StringComparison.Ordinal));
    }

    /// <summary>
    /// Lets the time pass that a probe takes to find a body held back. Where the clock is moved before the first report has come, the probe asks
    /// a second time, by an answer to a body.
    /// </summary>
    /// <param name="isOver">Whether the probe is over.</param>
    /// <param name="waits">Whether it waits for the clock.</param>
    /// <param name="pass">Moves that as far as it waits for.</param>
    /// <param name="token">Ends it.</param>
    public Task HoldAsync(Func<bool> isOver, Func<bool> waits, Action pass, CancellationToken token)
    {
        var left = new List<string> { "probe/stream", "probe/upload" };
        return InProcessWait.UntilAsync(
            () =>
            {
                if (left.Find(Has) is { } held && waits())
                {
                    left.Remove(held);
                    pass();
                }

                return isOver();
            },
            "the probe is over",
            token);
    }

    /// <summary>Ends a target's exchange: answers the client, where there is an answer, and breaks off both connections.</summary>
    public async Task CutAsync(string target, string answer, CancellationToken token)
    {
        (_, InProcessPeer client, InProcessPeer relay) = Find(target);
        if (answer.Length > 0) await client.SendAsync($"HTTP/1.1 {answer}\r\n{Name}Content-Length: 0\r\nConnection: close\r\n\r\n", token);
        try
        {
            client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // The client has left upon the answer.
            client.Dispose();
        }

        relay.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _service.Dispose();
        lock (_open)
        {
            foreach ((_, InProcessPeer client, InProcessPeer relay) in _open)
            {
                client.Dispose();
                relay.Dispose();
            }
        }
    }

    private (string Target, InProcessPeer Client, InProcessPeer Relay) Find(string target)
    {
        lock (_open) return _open.Find(one => one.Target.EndsWith(target, StringComparison.Ordinal));
    }

    private async Task ServeAsync(InProcessPeer client)
    {
        InProcessPeer? relay = null;
        try
        {
            do
            {
                PeerMessage head = await client.ReadHeadAsync(CancellationToken.None);
                if (LengthOf(head) > MaxBody)
                {
                    await RefuseAsync(client);
                    return;
                }

                if (ReconnectsToRelay || IsOld) relay?.Dispose();
                if (ReconnectsToRelay || IsOld || relay is null) relay = await InProcessPeer.ConnectAsync(_relay, CancellationToken.None);
                (string, InProcessPeer, InProcessPeer) open = (head.StartLine.Split(' ')[1], client, relay);
                lock (_open) _open.Add(open);
                try
                {
                    if (!await HandOnAsync(head, client, relay)) return;
                }
                finally
                {
                    lock (_open) _open.Remove(open);
                }
            }
            while (!Closes);
        }
        catch (Exception failure) when (IsBreak(failure))
        {
            // A break on one side is one on the other.
            client.Reset();
            relay?.Reset();
        }
        finally
        {
            client.Dispose();
            relay?.Dispose();
        }
    }

    /// <summary>Hands a request and its answer on; false where the connections cannot serve another one.</summary>
    private async Task<bool> HandOnAsync(PeerMessage head, InProcessPeer client, InProcessPeer relay)
    {
        Task<bool> asking = HandOnRequestAsync(head, client, relay);
        Task<bool> answering = HandOnAnswerAsync(client, relay, asking);
        if (await Task.WhenAny(asking, answering) == asking && !await asking)
        {
            await RefuseAsync(client);
            relay.Reset();
            return false;
        }

        if (asking.IsCompleted && !EndsBreaks) _ = WatchAsync(client, relay, answering);
        if (!await answering) return false;
        // An answer may come before the end of a body.
        bool hasBody = head["Transfer-Encoding"] is not null || LengthOf(head) > 1;
        return hasBody ? asking.IsCompleted : await asking;
    }

    /// <summary>Breaks the connection to the relay off where the client leaves during an answer.</summary>
    private static async Task WatchAsync(InProcessPeer client, InProcessPeer relay, Task answering)
    {
        try
        {
            // Another request may have come instead.
            int received = await client.Socket.ReceiveAsync(new byte[1], System.Net.Sockets.SocketFlags.Peek);
            if (received == 0 && !answering.IsCompleted) relay.Reset();
        }
        catch (Exception failure) when (failure is ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            relay.Reset();
        }
    }

    /// <summary>Hands a request on; false where its body is too long.</summary>
    private async Task<bool> HandOnRequestAsync(PeerMessage head, InProcessPeer client, InProcessPeer relay)
    {
        string text = head.Head;
        if (IsOld) text = text.Replace(" HTTP/1.1\r\n", " HTTP/1.0\r\nVia: 1.0 faulty\r\n", StringComparison.Ordinal);
        if (IsRelayOlder) text = text.Replace(", break\r\n", "\r\n", StringComparison.Ordinal);
        if (DropsOrders) text = text.Replace("Ptth-Probe: ", "X-Was: ", StringComparison.Ordinal);
        bool isChunked = head["Transfer-Encoding"] is not null;
        if (isChunked && (HoldsRequests || IsOld))
        {
            byte[] body = await client.ReadChunkedBodyAsync(CancellationToken.None);
            await Release;
            await relay.SendAsync(text.Replace("Transfer-Encoding: chunked", $"Content-Length: {body.Length}", StringComparison.Ordinal), CancellationToken.None);
            await relay.SendAsync(body, CancellationToken.None);
            return true;
        }

        if (!HoldsRequests || isChunked) await relay.SendAsync(text, CancellationToken.None);
        if (!isChunked)
        {
            byte[] body = await client.ReadExactlyAsync((int)Math.Min(LengthOf(head), 1), CancellationToken.None);
            if (HoldsRequests) await relay.SendAsync(text, CancellationToken.None);
            await relay.SendAsync(body, CancellationToken.None);
            // Longer ones are told of, and never sent.
            return LengthOf(head) <= 1 || await NeverAsync();
        }

        long bytes = 0;
        try
        {
            while (await client.ReadChunkAsync(CancellationToken.None) is { } chunk)
            {
                bytes += chunk.Length;
                if (bytes > MaxBody) return false;
                if (IsSilent) await NeverAsync();
                await relay.SendAsync(Chunk(chunk), CancellationToken.None);
            }
        }
        catch (Exception failure) when ((EndsBreaks || HidesBreaks) && IsBreak(failure))
        {
            if (HidesBreaks) await HideAsync();
        }

        await relay.SendLastChunkAsync(CancellationToken.None);
        return true;
    }

    /// <summary>Hands an answer on; false where the connections cannot serve another one.</summary>
    private async Task<bool> HandOnAnswerAsync(InProcessPeer client, InProcessPeer relay, Task asking)
    {
        PeerMessage head = await relay.ReadHeadAsync(CancellationToken.None);
        string text = head.Head.Replace("\r\n\r\n", $"\r\n{Name}{(Closes ? "Connection: close\r\n" : "")}\r\n", StringComparison.Ordinal);
        if (IsOld) text = text.Replace("Connection: close\r\n", "", StringComparison.Ordinal);
        if (head["Transfer-Encoding"] is null)
        {
            byte[] body = await relay.ReadExactlyAsync((int)LengthOf(head), CancellationToken.None);
            if (KeepsEarlyAnswers) await asking;
            await client.SendAsync(text + Encoding.Latin1.GetString(body), CancellationToken.None);
            return true;
        }

        if (HoldsAnswers && !(HeedsHint && head["X-Accel-Buffering"] == "no"))
        {
            byte[] body = await relay.ReadChunkedBodyAsync(CancellationToken.None);
            await client.SendAsync(text + Encoding.Latin1.GetString(Chunk(body)) + LastChunk, CancellationToken.None);
            return true;
        }

        await client.SendAsync(text, CancellationToken.None);
        try
        {
            while (await HandOnChunkAsync(client, relay) > 0)
            {
            }
        }
        catch (Exception failure) when ((EndsBreaks || HidesBreaks) && IsBreak(failure))
        {
            if (HidesBreaks) await HideAsync();
            await client.SendAsync(LastChunk, CancellationToken.None);
            return false;
        }

        return true;
    }

    /// <summary>Hands a chunk on as it comes, whole or not; returns its length.</summary>
    private async Task<int> HandOnChunkAsync(InProcessPeer client, InProcessPeer relay)
    {
        // Half of what a bare download begins with.
        const int PieceBytes = 32;
        string line = await relay.ReadThroughAsync("\r\n", CancellationToken.None);
        if (IsSilent) await NeverAsync();
        await client.SendAsync(line, CancellationToken.None);
        int length = int.Parse(line.AsSpan(0, line.Length - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        for (int left = length; left > 0; left -= PieceBytes)
        {
            byte[] piece = await relay.ReadExactlyAsync(Math.Min(left, PieceBytes), CancellationToken.None);
            if (ChangesAnswers) piece[0] ^= 1;
            await client.SendAsync(piece, CancellationToken.None);
        }

        await client.SendAsync(await relay.ReadThroughAsync("\r\n", CancellationToken.None), CancellationToken.None);
        return length;
    }

    private static Task RefuseAsync(InProcessPeer client) =>
        client.SendAsync($"HTTP/1.1 413 Too Large\r\n{Name}Content-Length: 0\r\nConnection: close\r\n\r\n", CancellationToken.None);

    private Task<bool> HideAsync()
    {
        Interlocked.Increment(ref _hidden);
        return NeverAsync();
    }

    private static bool IsBreak(Exception failure) => failure is IOException or ObjectDisposedException or System.Net.Sockets.SocketException;

    private static Task<bool> NeverAsync() => new TaskCompletionSource<bool>().Task;

    private static long LengthOf(PeerMessage head) => long.Parse(head["Content-Length"] ?? "0", NumberStyles.None, CultureInfo.InvariantCulture);

    private static byte[] Chunk(byte[] data) =>
        [.. Encoding.ASCII.GetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. data, .. "\r\n"u8];
}
