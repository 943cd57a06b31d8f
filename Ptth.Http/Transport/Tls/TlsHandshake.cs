using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Ptth.Http.Transport.Tls;

/// <summary>One side's handshake: what it offers, and what its failures mean.</summary>
public abstract class TlsHandshake
{
    /// <summary>Versions before these are broken (RFC 8996).</summary>
    internal const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    private protected TlsHandshake()
    {
    }

    /// <summary>Whether the peer speaks first, and may turn out not to speak TLS at all.</summary>
    internal abstract bool IsServer { get; }

    /// <summary>Runs it.</summary>
    internal abstract Task RunAsync(SslStream stream);

    /// <summary>Why it failed, in words for a log.</summary>
    internal abstract string Describe(Exception failure, TlsSocketStream socket);

    /// <summary>Whether the connection broke or ended, and nothing else was wrong.</summary>
    internal virtual bool IsCutOff(Exception failure, TlsSocketStream socket)
    {
        if (socket.Alert is not null || socket.IsBroken) return false;
        if (socket.HasEnded) return true;
        Exception? cause = failure;
        while (cause is not null and not SocketException) cause = cause.InnerException;
        return cause is not null;
    }

    /// <summary>What is told of a failure that has no better words.</summary>
    private protected static string Describe(Exception failure, TlsSocketStream socket, string peer)
    {
        if (socket.Alert is byte alert) return $"{peer} broke the TLS handshake off: {TlsAlerts.Describe(alert)}";
        if (socket.HasEnded) return $"{peer} closed the connection in the TLS handshake";
        for (Exception? inner = failure; inner is not null; inner = inner.InnerException)
        {
            // OpenSSL's own words; the framework's are left out of small executables.
            if (inner.Message.StartsWith("error:", StringComparison.Ordinal)) return $"the TLS handshake failed: {inner.Message}";
        }

        return $"the TLS handshake failed ({failure.GetType().Name})";
    }
}
