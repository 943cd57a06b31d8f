namespace Ptth.Http.Transport.Tls;

/// <summary>A TLS handshake that failed.</summary>
public sealed class TlsException : IOException
{
    /// <summary>An exception with a message for the user's log, and its cause.</summary>
    public TlsException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Whether the connection broke or ended in it, and nothing was wrong with what either side sent.</summary>
    public bool IsCutOff { get; init; }
}
