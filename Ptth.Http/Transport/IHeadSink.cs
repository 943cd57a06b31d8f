using Ptth.Http.Core;

namespace Ptth.Http.Transport;

/// <summary>Tries to read a head from the bytes that have come; the connection shows it more until it is done.</summary>
internal interface IHeadSink
{
    /// <summary>Reads a head at the start of <paramref name="input"/>, which at each call is the same with more behind it.</summary>
    /// <param name="input">Not empty.</param>
    /// <param name="consumed">The head's length where done, more than 0.</param>
    ParseStatus TryRead(ReadOnlySpan<byte> input, out int consumed);
}
