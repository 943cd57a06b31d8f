using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Ptth.Http.Transport.Tls;

/// <summary>
/// The socket as the record layer sees it. It follows the records that pass, so that it knows when a read would wait between two of
/// them, and tells when the record layer rests.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="ending">Is told when reads wait.</param>
internal sealed class TlsSocketStream(SocketChannel socket, TlsEnding ending) : Stream
{
    private const int AlertRecordBytes = 7;

    /// <summary>
    /// How many more records may come than bytes to receive; bytes that come later make up for them. A handshake has a dozen at most, and a
    /// few session tickets; a key update comes after gigabytes (RFC 8446 section 5.5).
    /// </summary>
    internal const int MaxSpareRecords = 128;

    /// <summary>After so many records that were there already others have the thread: a key update takes 20 us.</summary>
    private const int RecordsPerTurn = 256;

    private TlsRecords _records;
    private long _spareRecords = MaxSpareRecords;
    private long _seenRecords;
    private long _turnBegan;
    private int _delivered;
    private TlsReading _reading;
    private bool _hasReceived;
    private volatile bool _hasEnded;

    /// <summary>Whether the socket has come to its end: where that is seen, no close_notify came before it.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Whether the peer sent something that cannot be TLS.</summary>
    public bool IsBroken => _records.IsBroken;

    /// <summary>The alert in plain text that the peer sent during the handshake (RFC 8446 section 6); null without one.</summary>
    public byte? Alert { get; private set; }

    /// <summary>Whether records came that are not application data and may not have been looked at.</summary>
    public bool HasOtherRecords => _records.HasOthers;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A read of the record layer begins.</summary>
    public void Begin(TlsReading reading)
    {
        _reading = reading;
        _hasReceived = false;
        if (reading == TlsReading.Probe) _records.ForgetOthers();
    }

    /// <summary>So many bytes were received out of the records that came.</summary>
    public void Deliver(int bytes) => _delivered += bytes;

    /// <inheritdoc/>
    /// <exception cref="IOException">
    /// The records that came held next to nothing to receive: without that bound key updates without end would keep a thread busy in one
    /// call, and be taken in for as long as they come.
    /// </exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!CountRecords()) return ValueTask.FromException<int>(new IOException("The peer sends TLS records with nothing in them."));
        if (_reading is TlsReading.Wait or TlsReading.Receive && _records.Count - _turnBegan > RecordsPerTurn) return ReadInNextTurnAsync(buffer);
        switch (_reading)
        {
            case TlsReading.Handshake:
                return ReadInHandshakeAsync(buffer);
            case TlsReading.Wait when _hasReceived && _records.AtBoundary && !socket.IsReadable:
            case TlsReading.Probe when !socket.IsReadable:
                return ValueTask.FromException<int>(new NothingReadableException());
            case TlsReading.Wait when buffer.IsEmpty && _records.AtBoundary:
                return WaitForRecordAsync();
            case TlsReading.Receive or TlsReading.Probe when buffer.IsEmpty:
                // A read that takes something follows.
                return ValueTask.FromResult(0);
            default:
                return ReceiveAsync(buffer);
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reading == TlsReading.Handshake ? WriteInHandshakeAsync(buffer) : SendAsync(buffer);

    /// <inheritdoc/>
    /// <remarks>For an alert at a handshake's failure: it fits, or it is left out.</remarks>
    public override void Write(ReadOnlySpan<byte> buffer) => socket.Socket.Send(buffer, SocketFlags.None, out _);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>False where too many records had nothing in them. When more is read, all whole records before have been seen to.</summary>
    private bool CountRecords()
    {
        _spareRecords = Math.Min(MaxSpareRecords, _spareRecords + _delivered - (_records.Count - _seenRecords));
        _seenRecords = _records.Count;
        _delivered = 0;
        return _spareRecords >= 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadInNextTurnAsync(Memory<byte> buffer)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _turnBegan = _records.Count;
        return await ReadAsync(buffer);
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ValueTask<int> receiving = socket.ReceiveAsync(buffer);
        return receiving.IsCompletedSuccessfully ? ValueTask.FromResult(Note(buffer, receiving.Result)) : WaitAsync(receiving, buffer);
    }

    /// <summary>Waits for a record's beginning. The record layer has no buffer yet, so a wait that ended for nothing must not get out of here.</summary>
    private ValueTask<int> WaitForRecordAsync()
    {
        ValueTask<int> waiting = socket.WaitReadableAsync();
        return waiting.IsCompletedSuccessfully && socket.IsReadable ? waiting : WaitForRecordAsync(waiting);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitForRecordAsync(ValueTask<int> waiting)
    {
        ending.ReadRests();
        try
        {
            await waiting;
            while (!socket.IsReadable) await socket.WaitReadableAsync();
            _turnBegan = _records.Count;
            return 0;
        }
        finally
        {
            ending.ReadGoesOn();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> receiving, Memory<byte> buffer)
    {
        ending.ReadRests();
        try
        {
            int received = await receiving;
            _turnBegan = _records.Count;
            return Note(buffer, received);
        }
        finally
        {
            ending.ReadGoesOn();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => await socket.SendAsync(buffer);

    /// <summary>A long chain fills the socket of a peer that takes nothing: that is a wait for the peer too.</summary>
    private async ValueTask WriteInHandshakeAsync(ReadOnlyMemory<byte> buffer)
    {
        ValueTask<int> sending = socket.SendAsync(buffer);
        if (sending.IsCompletedSuccessfully)
        {
            _ = sending.Result;
            return;
        }

        TlsHandshakeGate.Leave();
        try
        {
            await sending;
        }
        finally
        {
            await TlsHandshakeGate.EnterAsync();
        }
    }

    private async ValueTask<int> ReadInHandshakeAsync(Memory<byte> buffer)
    {
        ValueTask<int> receiving = socket.ReceiveAsync(buffer);
        if (receiving.IsCompletedSuccessfully) return Note(buffer, receiving.Result);
        TlsHandshakeGate.Leave();
        try
        {
            return Note(buffer, await receiving);
        }
        finally
        {
            await TlsHandshakeGate.EnterAsync();
        }
    }

    private int Note(Memory<byte> buffer, int received)
    {
        if (buffer.IsEmpty) return received;
        ReadOnlySpan<byte> bytes = buffer.Span[..received];
        if (_reading == TlsReading.Handshake && received == AlertRecordBytes && bytes[0] == TlsRecords.Alert) Alert = bytes[^1];
        _records.Add(bytes);
        _hasReceived = true;
        if (received == 0) _hasEnded = true;
        return received;
    }
}
