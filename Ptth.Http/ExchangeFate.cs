namespace Ptth.Http;

/// <summary>
/// Whose an exchange's connection is. Moved atomically: an abort that comes late must not reach the exchange that has the connection
/// next.
/// </summary>
internal enum ExchangeFate
{
    /// <summary>It goes on.</summary>
    UnderWay,

    /// <summary>It was broken off.</summary>
    Aborted,

    /// <summary>It has come to its end; the connection is no longer its own.</summary>
    Over,
}
