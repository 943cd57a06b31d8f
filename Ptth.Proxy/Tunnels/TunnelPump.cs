using Ptth.Common.Protocol;
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
internal sealed class TunnelPump : ITicked, IUploadOwner
{
    private readonly SocketChannel _local;
    private readonly ITunnelUpload _upload;
    private readonly ClientExchange _download;
    private readonly Ticker _ticker;
    private readonly IdleGuard _idleGuard;
    private readonly Flow _in;
    private int _endPlusOne;
    private volatile bool _halfClosed;
    private int _firstEnd;
    private PeerSilence _localSilence;

    /// <summary>
    /// Takes all three over; <see cref="RunAsync"/> gives them back or closes them. The local one breaks when it is closed, unless the
    /// tunnel ends cleanly.
    /// </summary>
    /// <param name="local">The TCP connection.</param>
    /// <param name="upload">What takes this party's bytes to the relay.</param>
    /// <param name="download">The POST with the other party's; its answer's head was read.</param>
    /// <param name="records">What was agreed on, where the streams are made of records; null where they are the bytes themselves.</param>
    /// <param name="timeouts">How long a tunnel may rest.</param>
    /// <param name="ticker">The clock.</param>
    public TunnelPump(SocketChannel local, ITunnelUpload upload, ClientExchange download, RecordTerms? records, ProxyTimeouts timeouts, Ticker ticker)
    {
        _local = local;
        _upload = upload;
        _download = download;
        _ticker = ticker;
        _idleGuard = new IdleGuard(timeouts.Idle, timeouts.HalfClosedIdle);
        _in = new Flow(records is { } terms ? download.OpenResponseRecords(terms.MarkEnds) : download.OpenResponseBody(), new RawSink(local));
    }

    /// <summary>Bytes sent to the relay.</summary>
    public long SentBytes => _upload.Bytes;

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
                await Task.WhenAll(_upload.RunAsync(this), ReceiveAsync());
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
        _upload.OnTick(nowMilliseconds);
        if (_idleGuard.IsExpired(nowMilliseconds, SentBytes + ReceivedBytes, _halfClosed)) Fail(TunnelEnd.Idle);
    }

    /// <inheritdoc/>
    void IUploadOwner.OnSourceEnded()
    {
        _halfClosed = true;
        NoteFirst(EndedBy.Local);
    }

    /// <inheritdoc/>
    void IUploadOwner.Fail(TunnelEnd end) => Fail(end);

    private async Task ReceiveAsync()
    {
        try
        {
            FlowResult result = await _in.RunAsync();
            _halfClosed = true;
            NoteFirst(EndedBy.Relay);
            if (result.IsClean) _download.EndResponseBody();
            else Fail(EndOf(result));
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

    private static TunnelEnd EndOf(FlowResult result) => result.End switch
    {
        FlowEnd.SourceFailed => TunnelEnd.RelayBroke,
        // What some intermediaries make of a stream that breaks off.
        FlowEnd.SourceInvalid when result.Violation is HttpViolation.RecordCutOff or HttpViolation.EndNotMarked => TunnelEnd.RelayBroke,
        FlowEnd.SourceInvalid => TunnelEnd.RelayInvalid,
        _ => TunnelEnd.LocalBroke,
    };

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
