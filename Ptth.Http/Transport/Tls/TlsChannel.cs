using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Ptth.Http.Transport.Tls;

/// <summary>
/// TLS over a TCP socket as a <see cref="ByteChannel"/>. It owns the socket. The records are the framework's affair (SslStream, over OpenSSL
/// on Linux).
/// </summary>
/// <remarks>
/// <para>While it waits for bytes it holds no buffer: the wait is for the socket, outside the record layer. What comes without anything to
/// receive in it, as session tickets do, is taken in and the wait goes on.</para>
/// <para>Breaking off closes the socket and nothing else, so that what is under way fails by itself; the record layer's memory is given
/// back by whoever leaves it last.</para>
/// </remarks>
public sealed partial class TlsChannel : ByteChannel
{
    /// <summary>The most bytes in one record (RFC 8446 section 5.1).</summary>
    private const int RecordBytes = 16 * 1024;

    /// <summary>A record with its header and all that encryption may add (RFC 8446 section 5.2).</summary>
    private const int MostRecordBytes = RecordBytes + 256 + 5;

    /// <summary>A receive of so many bytes may be one of many.</summary>
    private const int BulkBytes = RecordBytes / 2;

    private readonly SocketChannel _socket;
    private readonly TlsHandshake _handshake;
    private readonly TlsEnding _ending;
    private readonly TlsSocketStream _stream;
    private readonly SslStream _tls;
    private volatile bool _isOpen;
    private volatile bool _isPlain;
    private volatile bool _isAborted;
    private bool _mayHoldBytes;

    // The owner, and each operation that is under way.
    private int _users = 1;
    private int _isDisposed;

    /// <summary>Takes a connected socket over; <see cref="OpenAsync"/> comes first.</summary>
    /// <param name="socket">The socket; owned.</param>
    /// <param name="handshake">This side's handshake.</param>
    public TlsChannel(SocketChannel socket, TlsHandshake handshake)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(handshake);
        _socket = socket;
        _handshake = handshake;
        _ending = new TlsEnding(SayCloseNotify);
        _stream = new TlsSocketStream(socket, _ending);
        _tls = new SslStream(_stream, leaveInnerStreamOpen: true);
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => _socket.RemoteEndPoint;

    /// <inheritdoc/>
    public override PeerDebt? Debt => _socket.Debt;

    /// <inheritdoc/>
    public override void Check(PeerCheck check) => _socket.Check(check);

    /// <inheritdoc/>
    /// <remarks>End of stream without close_notify may be anyone's doing who can send to this machine (RFC 8446 section 6.1).</remarks>
    public override bool EndedCleanly => _isPlain ? _socket.EndedCleanly : !_stream.HasEnded && !_isAborted;

    /// <inheritdoc/>
    public override bool IsReadable
    {
        get
        {
            if (_isPlain) return _socket.IsReadable;
            if (!_mayHoldBytes && !_stream.HasOtherRecords && !_socket.IsReadable) return false;
            Enter();
            try
            {
                BeginRead(TlsReading.Probe);
                ValueTask<int> reading = _tls.ReadAsync(Memory<byte>.Empty);
                // It never waits: there is something to receive, or the end, or a failure, which is thrown.
                if (reading.IsCompleted) _ = reading.Result;
                else Debug.Fail("A probe waits.");
                return _mayHoldBytes = true;
            }
            catch (NothingReadableException)
            {
                return _mayHoldBytes = false;
            }
            finally
            {
                EndRead();
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="TlsException">The handshake failed.</exception>
    public override async ValueTask<bool> OpenAsync()
    {
        if (_handshake.IsServer && !await BeginsWithTlsAsync())
        {
            _isPlain = true;
            return false;
        }

        Enter();
        try
        {
            await ShakeHandsAsync();
            _isOpen = true;
            return true;
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure) || failure is AuthenticationException or CryptographicException or ArgumentException)
        {
            // SslStream reads a client's first message itself before OpenSSL does, and for some lengths in it that are wrong its own slices throw
            // ArgumentOutOfRangeException: that is a peer's doing, too, and no defect of ours.
            throw new TlsException(_handshake.Describe(failure, _stream), failure) { IsCutOff = _handshake.IsCutOff(failure, _stream) };
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> WaitReadableAsync() => _isPlain ? _socket.WaitReadableAsync() : WaitAsync();

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _isPlain ? _socket.ReceiveAsync(buffer) : ReadAsync(buffer);

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveReadyAsync(Memory<byte> buffer) => _isPlain ? _socket.ReceiveReadyAsync(buffer) : ReadAsync(buffer);

    /// <inheritdoc/>
    public override void Abort()
    {
        _isAborted = true;
        _socket.Abort();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        if (_isOpen && !_isAborted) _ending.Want();
        _socket.Dispose();
        Leave();
    }

    /// <summary>Waits for the first byte, and looks at it without taking it; at the end of the stream the handshake is to fail.</summary>
    private async ValueTask<bool> BeginsWithTlsAsync()
    {
        await _socket.WaitReadableAsync();
        byte[] first = new byte[1];
        return _socket.Socket.Receive(first, 0, 1, SocketFlags.Peek, out _) == 0 || first[0] == TlsRecords.Handshake;
    }

    private async ValueTask ShakeHandsAsync()
    {
        await TlsHandshakeGate.EnterAsync();
        try
        {
            _stream.Begin(TlsReading.Handshake);
            await _handshake.RunAsync(_tls);
        }
        finally
        {
            // From here on no wait has a place to give back.
            _stream.Begin(TlsReading.Receive);
            TlsHandshakeGate.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync()
    {
        Enter();
        try
        {
            while (true)
            {
                BeginRead(TlsReading.Wait);
                try
                {
                    _ = await _tls.ReadAsync(Memory<byte>.Empty);
                    _mayHoldBytes = true;
                    return 0;
                }
                catch (NothingReadableException)
                {
                    // The record layer's buffer is given back; the next round waits without.
                }
            }
        }
        finally
        {
            EndRead();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        Enter();
        try
        {
            BeginRead(TlsReading.Receive);
            int received = await _tls.ReadAsync(buffer);
            _stream.Deliver(received);
            if (received >= BulkBytes) received += await ReadMoreAsync(buffer[received..]);
            _mayHoldBytes = received == buffer.Length;
            return received;
        }
        finally
        {
            EndRead();
        }
    }

    /// <summary>
    /// SslStream gives one record of bulk at a time, and a flow handles a bufferful as cheaply: fills the buffer with the records that the
    /// socket has whole. Never waits, since bytes are in hand.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadMoreAsync(Memory<byte> room)
    {
        int received = 0;
        try
        {
            while (received < room.Length && _socket.Socket.Available >= MostRecordBytes)
            {
                _stream.Begin(TlsReading.Probe);
                int more = await _tls.ReadAsync(room[received..]);
                if (more == 0) break;
                _stream.Deliver(more);
                received += more;
            }
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // Nothing more for now, or a failure: the next receive tells it better.
        }

        return received;
    }

    private void BeginRead(TlsReading reading)
    {
        _stream.Begin(reading);
        _ending.ReadGoesOn();
    }

    private void EndRead()
    {
        _ending.ReadRests();
        Leave();
    }

    private void Enter()
    {
        int users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _isDisposed) != 0, this);
            int before = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (before == users) return;
            users = before;
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0) _tls.Dispose();
    }
}
