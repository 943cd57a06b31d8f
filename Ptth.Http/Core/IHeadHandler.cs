namespace Ptth.Http.Core;

/// <summary>
/// Takes a head's parts as the parser finds them. Implemented by structs, so that the calls are direct and nothing is allocated.
/// The spans are slices of the parser's input: copy what is to be kept. The parts count once the parser says
/// <see cref="ParseStatus.Done"/>; what an unfinished or broken head told is void.
/// </summary>
public interface IHeadHandler
{
    /// <summary>The request line (RFC 9112 section 3): method and target are checked by their grammar, not for their meaning.</summary>
    void OnRequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ProtocolVersion version);

    /// <summary>The status line (RFC 9112 section 4). <paramref name="status"/> is 100 to 599.</summary>
    void OnStatusLine(ProtocolVersion version, int status, ReadOnlySpan<byte> reason);

    /// <summary>One field line, its value without the white space around it (RFC 9112 section 5.1).</summary>
    void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}
