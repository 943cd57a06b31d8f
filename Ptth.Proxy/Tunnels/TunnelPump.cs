using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Tunnels;

/// <summary>
/// A tunnel at a proxy: a TCP connection, the POST whose request body takes its bytes to the relay, and the POST whose response body
/// brings the other party's. The same at both proxies.
/// </summary>
/// <code>
///   TCP ──FIN = clean end──▶ upload's request body ──last chunk──▶ relay answers 200
///   TCP ◀──clean end = FIN── download's response body
///   anything else that ends either: reset the TCP connection, break both POSTs off
/// </code>
internal sealed class TunnelPump : ITicked
{
    private const int MaxAnswerBytes = 4096;

    private readonly SocketChannel _local;
    private readonly ClientExchange _upload;
    private readonly ClientExchange _download;
    private readonly Ticker _ticker;
    private readonly IdleGuard _idleGuard;
    private readonly Flow _out;
    private readonly Flow _in;
    private readonly FlowKeepAlive? _keepAlive;
    private int _endPlusOne;
    private volatile bool _halfClosed;
    private int _firstEnd;
    private PeerSilence _localSilence;

    /// <summary>
    /// Takes all three over; <see cref="RunAsync"/> gives them back or closes them. The local one breaks when it is closed, unless the
    /// tunnel ends cleanly.
    /// </summary>
    /// <param name="local">The TCP connection.</param>
    /// <param name="upload">The POST with this party's bytes; its head was sent.</param>
    /// <param name="download">The POST with the other party's; its answer's head was read.</param>
    /// <param name="keepAlive">Null where the streams are the bytes themselves; else they are records, with one at least every so many seconds unless it is 0.</param>
    /// <param name="timeouts">How long a tunnel may rest.</param>
    /// <param name="ticker">The clock.</param>
    public TunnelPump(SocketChannel local, ClientExchange upload, ClientExchange download, int? keepAlive, ProxyTimeouts timeouts, Ticker ticker)
    {
        _local = local;
        _upload = upload;
        _download = download;
        _ticker = ticker;
        _idleGuard = new IdleGuard(timeouts.Idle, timeouts.HalfClosedIdle);
        var source = new RawSource(local);
        var sink = new RawSink(local);
        if (keepAlive is { } seconds)
        {
            RecordSink records = upload.OpenRequestRecords();
            if (seconds > 0) _keepAlive = new FlowKeepAlive(records, TimeSpan.FromSeconds(seconds));
            _out = new Flow(source, records, keepAlive: _keepAlive);
            _in = new Flow(download.OpenResponseRecords(), sink);
            return;
        }

        _out = new Flow(source, upload.OpenRequestBody());
        _in = new Flow(download.OpenResponseBody(), sink);
    }

    /// <summary>Bytes sent to the relay.</summary>
    public long SentBytes => _out.Bytes;

    /// <summary>Bytes received from the relay.</summary>
    public long ReceivedBytes => _in.Bytes;

    /// <summary>Moves bytes until the tunnel ends.</summary>
    /// <param name="stopping">Breaks it off.</param>
    public async Task<TunnelEnd> RunAsync(CancellationToken stopping)
    {
        _ticker.Add(this);
        using (stopping.Register(static state => ((TunnelPump)state!).Fail(TunnelEnd.Stopping), this))
        {
            try
            {
                await Task.WhenAll(ReadAnswerAsync(), SendAsync(), ReceiveAsync());
            }
            finally
            {
                _ticker.Remove(this);
                if (_endPlusOne == 0) _local.BreaksOnClose = false;
                _upload.Finish();
                _download.Finish();
                _local.Dispose();
            }
        }

        return _endPlusOne == 0 ? TunnelEnd.Completed : (TunnelEnd)(_endPlusOne - 1);
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        if (_localSilence.IsTooLong(_local, nowMilliseconds)) Fail(TunnelEnd.LocalBroke);
        _keepAlive?.OnTick(nowMilliseconds, SentBytes);
        if (_idleGuard.IsExpired(nowMilliseconds, SentBytes + ReceivedBytes, _halfClosed)) Fail(TunnelEnd.Idle);
    }

    private async Task SendAsync()
    {
        try
        {
            FlowResult result = await _out.RunAsync();
            _halfClosed = true;
            NoteFirst(EndedBy.Local);
            if (result.IsClean) _upload.EndRequestBody();
            else Fail(result.End == FlowEnd.SourceFailed ? TunnelEnd.LocalBroke : TunnelEnd.RelayBroke);
        }
        catch when (FailsOnDefect())
        {
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            FlowResult result = await _in.RunAsync();
            _halfClosed = true;
            NoteFirst(EndedBy.Relay);
            if (result.IsClean) _download.EndResponseBody();
            else Fail(EndOf(result.End));
        }
        catch when (FailsOnDefect())
        {
        }
    }

    /// <summary>Through whom the tunnel ended; of a clean end, who was the first to have said all.</summary>
    public EndedBy By(TunnelEnd end) => end switch
    {
        TunnelEnd.Completed => (EndedBy)(Volatile.Read(ref _firstEnd) - 1),
        TunnelEnd.LocalBroke => EndedBy.Local,
        TunnelEnd.RelayBroke or TunnelEnd.RelayInvalid => EndedBy.Relay,
        _ => EndedBy.Proxy,
    };

    private void NoteFirst(EndedBy by) => Interlocked.CompareExchange(ref _firstEnd, (int)by + 1, 0);

    private static TunnelEnd EndOf(FlowEnd end) => end switch
    {
        FlowEnd.SourceFailed => TunnelEnd.RelayBroke,
        FlowEnd.SourceInvalid => TunnelEnd.RelayInvalid,
        _ => TunnelEnd.LocalBroke,
    };

    /// <summary>
    /// Reads the answer to the upload while the upload goes on: an early error, or the connection's end, is seen at once even when
    /// there is nothing to send. A 200 comes when the relay has handed on all of it.
    /// </summary>
    private async Task ReadAnswerAsync()
    {
        try
        {
            ResponseHead head = await _upload.ReadResponseAsync(Timeout.InfiniteTimeSpan);
            // An answer that comes before the end is an error whatever its status: the rest would be sent to nobody.
            if (_upload.WasAnsweredEarly || head.Status != 200 || await _upload.ReadAnswerBodyAsync(MaxAnswerBytes) is null) Fail(TunnelEnd.RelayBroke);
        }
        catch (ExchangeException)
        {
            Fail(TunnelEnd.RelayBroke);
        }
        catch when (FailsOnDefect())
        {
        }
    }

    /// <summary>A defect in one part ends the others too, and is thrown on: what this says is never true.</summary>
    private bool FailsOnDefect()
    {
        Fail(TunnelEnd.LocalBroke);
        return false;
    }

    /// <summary>Ends the tunnel before its time. Only the first reason counts.</summary>
    private void Fail(TunnelEnd end)
    {
        if (Interlocked.CompareExchange(ref _endPlusOne, (int)end + 1, 0) != 0) return;
        _local.Abort();
        _upload.Abort();
        _download.Abort();
    }
}
