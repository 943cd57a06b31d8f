using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Tests.Support;

/// <summary>A client of TLS 1.3 that can be told to do what the framework's never does. It checks no certificate.</summary>
internal sealed class OpenSslClient : IDisposable
{
    private const int UpdateRequested = 1; // SSL_KEY_UPDATE_REQUESTED

    private readonly nint _context;
    private readonly nint _session;
    private readonly nint _outgoing;

    private OpenSslClient(Socket socket)
    {
        _context = SSL_CTX_new(TLS_client_method());
        _session = SSL_new(_context);
        if (SSL_set_fd(_session, (int)socket.Handle) != 1 || SSL_connect(_session) != 1) throw new InvalidOperationException("The handshake failed.");
        // What follows is kept, so that it can be sent in one piece.
        _outgoing = BIO_new(BIO_s_mem());
        SSL_set0_wbio(_session, _outgoing);
    }

    /// <summary>Shakes hands; the socket still blocks, so that this takes a thread.</summary>
    public static Task<OpenSslClient> ConnectAsync(Socket socket) => Task.Run(() => new OpenSslClient(socket));

    /// <summary>So many records, each of which asks for new keys, and holds nothing to receive (RFC 8446 section 4.6.3).</summary>
    public byte[] KeyUpdates(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (SSL_key_update(_session, UpdateRequested) != 1 || SSL_do_handshake(_session) != 1) throw new InvalidOperationException("No key update.");
        }

        return Take();
    }

    /// <summary>A record with these bytes.</summary>
    public byte[] Record(byte[] bytes)
    {
        if (SSL_write(_session, bytes, bytes.Length) != bytes.Length) throw new InvalidOperationException("No record.");
        return Take();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SSL_free(_session);
        SSL_CTX_free(_context);
    }

    private byte[] Take()
    {
        byte[] records = new byte[(int)BIO_ctrl_pending(_outgoing)];
        return records.Length == 0 || BIO_read(_outgoing, records, records.Length) == records.Length ? records : throw new InvalidOperationException("Not all can be read.");
    }

    [DllImport("libssl.so.3")]
    private static extern nint TLS_client_method();

    [DllImport("libssl.so.3")]
    private static extern nint SSL_CTX_new(nint method);

    [DllImport("libssl.so.3")]
    private static extern void SSL_CTX_free(nint context);

    [DllImport("libssl.so.3")]
    private static extern nint SSL_new(nint context);

    [DllImport("libssl.so.3")]
    private static extern void SSL_free(nint session);

    [DllImport("libssl.so.3")]
    private static extern int SSL_set_fd(nint session, int descriptor);

    [DllImport("libssl.so.3")]
    private static extern void SSL_set0_wbio(nint session, nint outgoing);

    [DllImport("libssl.so.3")]
    private static extern int SSL_connect(nint session);

    [DllImport("libssl.so.3")]
    private static extern int SSL_do_handshake(nint session);

    [DllImport("libssl.so.3")]
    private static extern int SSL_key_update(nint session, int type);

    [DllImport("libssl.so.3")]
    private static extern int SSL_write(nint session, byte[] bytes, int count);

    [DllImport("libcrypto.so.3")]
    private static extern nint BIO_s_mem();

    [DllImport("libcrypto.so.3")]
    private static extern nint BIO_new(nint method);

    [DllImport("libcrypto.so.3")]
    private static extern nuint BIO_ctrl_pending(nint bio);

    [DllImport("libcrypto.so.3")]
    private static extern int BIO_read(nint bio, byte[] bytes, int count);
}
