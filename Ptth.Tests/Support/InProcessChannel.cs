using System.Net;
using System.Net.Sockets;
using Ptth.Http.Transport;

namespace Ptth.Tests.Support;

/// <summary>What comes behind the last piece of an <see cref="InProcessChannel"/>.</summary>
internal enum ChannelEnd
{
    /// <summary>A clean end.</summary>
    Fin,

    /// <summary>A failure.</summary>
    Reset,

    /// <summary>Nothing, until the channel is aborted.</summary>
    Never,
}

/// <summary>A channel in memory: each receive gets the next piece and no more, so that every split can be had; what is sent is kept.</summary>
/// <param name="pieces">What is received.</param>
/// <param name="end">What comes behind it.</param>
/// <param name="isAsync">Whether an operation completes only after it was begun.</param>
internal sealed class InProcessChannel(IEnumerable<byte[]> pieces, ChannelEnd end, bool isAsync = false) : ByteChannel
{
    private readonly Queue<ReadOnlyMemory<byte>> _pieces = new(pieces.Where(static piece => piece.Length > 0).Select(static piece => (ReadOnlyMemory<byte>)piece));
    private readonly MemoryStream _sent = new();
    private readonly TaskCompletionSource<int> _never = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A channel that nothing comes from.</summary>
    public InProcessChannel() : this([], ChannelEnd.Never)
    {
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <summary>All that was sent.</summary>
    public byte[] Sent => _sent.ToArray();

    /// <summary>How many sends there were.</summary>
    public int Sends { get; private set; }

    /// <summary>The most segments of one send.</summary>
    public int MostSegments { get; private set; }

    /// <summary>How many receives there were.</summary>
    public int Receives { get; private set; }

    /// <summary>Whether the sending direction was ended.</summary>
    public bool HasSentFin { get; private set; }

    /// <summary>How many sends succeed.</summary>
    public int SendsBeforeFailure { get; init; } = int.MaxValue;

    /// <summary>How long the peer has been silent and owed something; null where it owes nothing.</summary>
    public long? Unanswered { get; set; }

    /// <summary>The probes without an answer; where there is none, what it owes are acknowledgements.</summary>
    public int Probes { get; set; }

    /// <summary>How long an answer usually takes.</summary>
    public long RoundTrip { get; set; } = 200;

    /// <inheritdoc/>
    public override PeerDebt? Debt => Unanswered is { } silent ? new PeerDebt(silent, Probes == 0, Probes, RoundTrip) : null;

    /// <summary>Whether it was broken off, or closed.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>How its peer is asked whether it is there.</summary>
    public PeerCheck Checked { get; private set; } = PeerCheck.Usual;

    /// <inheritdoc/>
    public override void Check(PeerCheck check) => Checked = check;

    /// <summary>Holds sends back until it completes.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How many waits, from the first on, end for nothing.</summary>
    public int WrongWaits { get; set; }

    /// <summary>Whether the first piece comes again and again, as much of it as fits.</summary>
    public bool RepeatsForEver { get; init; }

    /// <summary>Whether all receives fail from now on.</summary>
    public bool Fails { get; set; }

    /// <summary>Whether what is sent is dropped.</summary>
    public bool KeepsNothing { get; init; }

    /// <summary>Called in each receive.</summary>
    public Action<int> OnReceived { get; init; } = static _ => { };

    /// <summary>What has not been received yet.</summary>
    public byte[] Rest => [.. _pieces.SelectMany(static piece => piece.ToArray())];

    /// <summary>Puts a piece in front of all others.</summary>
    public void ReceiveFirst(byte[] piece) => PutBack(piece);

    /// <inheritdoc/>
    public override async ValueTask<int> WaitReadableAsync()
    {
        if (WrongWaits == 0 && _pieces.Count == 0 && end == ChannelEnd.Never) await _never.Task;
        if (isAsync) await Task.Yield();
        return 0;
    }

    /// <inheritdoc/>
    public override bool IsReadable => _pieces.Count > 0 || end != ChannelEnd.Never;

    /// <inheritdoc/>
    public override async ValueTask<int> ReceiveReadyAsync(Memory<byte> buffer)
    {
        if (WrongWaits == 0) return await ReceiveAsync(buffer);
        WrongWaits--;
        return NothingReady;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (isAsync) await Task.Yield();
        Receives++;
        if (Fails) throw new SocketException((int)SocketError.ConnectionReset);
        if (RepeatsForEver)
        {
            ReadOnlyMemory<byte> repeated = _pieces.Peek();
            repeated[..Math.Min(repeated.Length, buffer.Length)].CopyTo(buffer);
            return Math.Min(repeated.Length, buffer.Length);
        }

        if (_pieces.Count == 0)
        {
            return end switch
            {
                ChannelEnd.Fin => 0,
                ChannelEnd.Reset => throw new SocketException((int)SocketError.ConnectionReset),
                _ => await _never.Task,
            };
        }

        ReadOnlyMemory<byte> piece = _pieces.Dequeue();
        int length = Math.Min(piece.Length, buffer.Length);
        piece[..length].CopyTo(buffer);
        if (length < piece.Length) PutBack(piece[length..]);
        OnReceived(length);
        return length;
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => SendAsync([bytes.ToArray()]);

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments) =>
        SendAsync([.. Enumerable.Range(0, segments.Count).Select(i => segments[i])]);

    /// <inheritdoc/>
    public override void ShutdownSend() => HasSentFin = true;

    /// <inheritdoc/>
    public override void Abort()
    {
        IsAborted = true;
        _never.TrySetException(new ObjectDisposedException(nameof(InProcessChannel)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Abort();

    private async ValueTask<int> SendAsync(ArraySegment<byte>[] segments)
    {
        if (isAsync) await Task.Yield();
        await Gate;
        if (Sends == SendsBeforeFailure) throw new SocketException((int)SocketError.ConnectionReset);
        Sends++;
        MostSegments = Math.Max(MostSegments, segments.Length);
        if (!KeepsNothing) foreach (ArraySegment<byte> segment in segments) _sent.Write(segment);
        return segments.Sum(static segment => segment.Count);
    }

    private void PutBack(ReadOnlyMemory<byte> piece)
    {
        ReadOnlyMemory<byte>[] behind = [.. _pieces];
        _pieces.Clear();
        _pieces.Enqueue(piece);
        foreach (ReadOnlyMemory<byte> later in behind) _pieces.Enqueue(later);
    }
}
