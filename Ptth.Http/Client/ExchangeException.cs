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
}
