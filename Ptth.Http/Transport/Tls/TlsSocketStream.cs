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

    private TlsRecords _records;
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

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await socket.SendAsync(buffer);

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
            return Note(buffer, await receiving);
        }
        finally
        {
            ending.ReadGoesOn();
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
