using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Tunnels;

/// <summary>
/// A party's bytes as a sequence of POSTs, for paths that hold bodies back until they end, or cut them at a size. What is there is sent at
/// once; what comes while a segment is under way gathers where it is, in the kernel. So there is at most one segment of bytes that are not
/// acknowledged, and none while nothing is to be sent.
/// </summary>
/// <code>
///   attach (empty) ──▶ wait for bytes ──▶ read what is there ──▶ deliver ──▶ last? ──▶ end
///                          ▲ (no buffer)                            │
///                          └────────────────── acknowledged ────────┘
/// </code>
internal sealed class SegmentUpload : ITunnelUpload
{
    private static readonly byte[] EmptyRecord = new byte[4];

    private readonly SocketChannel _local;
    private readonly SegmentSender _sender;
    private readonly SegmentBound _bound;
    private readonly RecordTerms? _records;
    private readonly ConnectionId _id;
    private readonly ILogger _logger;
    private readonly FlowKeepAlive? _keepAlive;
    private readonly CancellationTokenSource _aborted;
    private IUploadOwner? _owner;
    private long _bytes;

    /// <summary>An upload that has not begun.</summary>
    /// <param name="local">The TCP connection.</param>
    /// <param name="sender">Delivers the segments.</param>
    /// <param name="bound">How long a segment may be.</param>
    /// <param name="records">As <see cref="TunnelPump"/>'s.</param>
    /// <param name="aborted">Breaks it off. It may be cancelled at any time, and so is not disposed of; it has no timer.</param>
    /// <param name="id">The connection's ID, for the log.</param>
    /// <param name="logger">Is told why it failed.</param>
    public SegmentUpload(
        SocketChannel local, SegmentSender sender, SegmentBound bound, RecordTerms? records, CancellationTokenSource aborted, ConnectionId id, ILogger logger)
    {
        _aborted = aborted;
        _local = local;
        _sender = sender;
        _bound = bound;
        _records = records;
        _id = id;
        _logger = logger;
        if (records is { Seconds: > 0 and var seconds }) _keepAlive = new FlowKeepAlive(() => DeliverAsync(EmptyRecord, isLast: false), TimeSpan.FromSeconds(seconds));
    }

    /// <inheritdoc/>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <inheritdoc/>
    public async Task RunAsync(IUploadOwner owner)
    {
        _owner = owner;
        try
        {
            // At once: the relay gives a side ten seconds to attach, whether or not it has something to say.
            bool goesOn = await DeliverAsync(default, isLast: false);
            while (goesOn) goesOn = await DeliverNextAsync(owner);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            owner.Fail(TunnelEnd.LocalBroke);
        }
        catch when (FailsOnDefect(owner))
        {
        }
        finally
        {
            _keepAlive?.Stop();
        }
    }

    /// <inheritdoc/>
    public void OnTick(long nowMilliseconds) => _keepAlive?.OnTick(nowMilliseconds, Bytes);

    /// <inheritdoc/>
    public void Abort() => _aborted.Cancel();

    /// <inheritdoc/>
    public void Finish()
    {
    }

    /// <summary>Waits for bytes and delivers them; says whether more may come.</summary>
    private async ValueTask<bool> DeliverNextAsync(IUploadOwner owner)
    {
        ValueTask<int> readable = _local.WaitReadableAsync();
        if (!readable.IsCompleted) _keepAlive?.BeginRest();
        await readable;
        if (_keepAlive is { IsResting: true }) await _keepAlive.EndRestAsync();
        using var buffer = new SegmentBuffer(_bound.Bytes, _records);
        bool isLast = await buffer.FillAsync(_local);
        if (isLast && !_local.EndedCleanly) throw new IOException("The connection was reset.");
        if (isLast) owner.OnSourceEnded();
        if (!isLast && buffer.PayloadBytes == 0) return true;
        if (!await DeliverAsync(buffer.Complete(isLast), isLast)) return false;
        Volatile.Write(ref _bytes, _bytes + buffer.PayloadBytes);
        return !isLast;
    }

    /// <summary>Delivers a segment; false where the tunnel has ended over it.</summary>
    private async Task<bool> DeliverAsync(ReadOnlyMemory<byte> segment, bool isLast)
    {
        string? problem = await _sender.DeliverAsync(segment, isLast, _aborted.Token);
        if (problem is null) return true;
        if (!_aborted.IsCancellationRequested) ProxyLog.UploadFailed(_logger, _id, problem);
        _owner!.Fail(TunnelEnd.RelayBroke);
        return false;
    }

    /// <summary>A defect ends the other parts too, and is thrown on: what this says is never true.</summary>
    private static bool FailsOnDefect(IUploadOwner owner)
    {
        owner.Fail(TunnelEnd.LocalBroke);
        return false;
    }
}
