namespace Ptth.Http.Client;

/// <summary>A request that got no usable response: no connection, a broken one, a time-out, or bytes that are not HTTP.</summary>
public sealed class ExchangeException : IOException
{
    /// <summary>An exception with a message for the user's log.</summary>
    public ExchangeException(string message) : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public ExchangeException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>
    /// Whether the server may only be away for now, as while it is started again: it could not be reached, or the connection broke before
    /// a byte of the answer came. Not for a name that does not exist, a server that is not trusted, or an answer that is wrong or late.
    /// </summary>
    public bool MayPass { get; init; }
}
