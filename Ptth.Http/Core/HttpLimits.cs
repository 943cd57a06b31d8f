using System.Runtime.CompilerServices;

namespace Ptth.Http.Core;

/// <summary>
/// Every bound of the HTTP stack, with its default and the reason for it. A value outside its sane range is refused when it is
/// set (<see cref="ArgumentOutOfRangeException"/>), so that the code that reads it need not ask again.
/// </summary>
public sealed record HttpLimits
{
    /// <summary>The defaults.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>
    /// A head in all, bytes: start line, fields and the empty line. Over it: 431, or 414 while the start line has not ended.
    /// 16 KiB holds what browsers send with many cookies, and is what one connection may cost before it is known.
    /// At most 65,535, because the offsets of kept fields are 16 bits wide.
    /// </summary>
    public int MaxHeadBytes { get; init => field = InRange(value, 64, ushort.MaxValue); } = 16 * 1024;

    /// <summary>
    /// The start line with its CRLF, bytes. Over it: 414. The longest target of the tunnel protocol has under 300; RFC 9112
    /// section 3 recommends 8,000 to servers of arbitrary resources, which this is not.
    /// </summary>
    public int MaxStartLineBytes { get; init => field = InRange(value, 32, ushort.MaxValue); } = 4 * 1024;

    /// <summary>
    /// A method's name, bytes. Over it: 501, which is what RFC 9112 section 3 asks for a method longer than any that is known.
    /// The longest registered one (UPDATEREDIRECTREF) has 17.
    /// </summary>
    public int MaxMethodBytes { get; init => field = InRange(value, 8, 1024); } = 32;

    /// <summary>
    /// Field lines of a head. Over it: 431. Browsers send some 20 and each intermediary adds a few; every line costs memory in
    /// addition to its bytes.
    /// </summary>
    public int MaxFields { get; init => field = InRange(value, 1, 1024); } = 64;

    /// <summary>
    /// Empty lines that are skipped before a request. One: RFC 9112 section 2.2 asks for it because old clients sent a CRLF
    /// after a body. Never before a response.
    /// </summary>
    public int MaxLeadingEmptyLines { get; init => field = InRange(value, 0, 8); } = 1;

    /// <summary>
    /// Hex digits of a chunk's size, leading zeros included. 16 write every size that can be counted (2^63 - 1).
    /// </summary>
    public int MaxChunkSizeDigits { get; init => field = InRange(value, 1, 64); } = 16;

    /// <summary>
    /// A chunk's size line with its extensions and its CRLF, bytes. Size and CRLF need at most 18; the rest is room for an
    /// extension such as a signature of 64 hex digits.
    /// </summary>
    public int MaxChunkSizeLineBytes { get; init => field = InRange(value, 18, 4096); } = 256;

    /// <summary>
    /// Chunk extensions of one body, bytes. They are read and dropped; nobody is known to need them, and reading them is work
    /// that moves no data.
    /// </summary>
    public int MaxChunkExtensionBytes { get; init => field = InRange(value, 0, 1024 * 1024); } = 16 * 1024;

    /// <summary>
    /// By how much a body's framing may outweigh its data, bytes. What a size line has beyond <see cref="ChunkEncoder.MaxSizeLineBytes"/>
    /// (padding, extensions) counts, and each data byte pays for two of them. So chunks of a single byte are free, as somebody
    /// typing sends them with five bytes of framing each, and so is padding to a fixed width of 32 bits, as some programs write
    /// it. What is refused is a stream that keeps its reader busy and says nothing.
    /// </summary>
    public int MaxFramingExcessBytes { get; init => field = InRange(value, 0, 1024 * 1024); } = 16 * 1024;

    /// <summary>
    /// A chunked body's trailer section with the empty line that ends it, bytes. Over it: 431. Half a head is plenty for what
    /// is read and dropped.
    /// </summary>
    public int MaxTrailerBytes { get; init => field = InRange(value, 2, ushort.MaxValue); } = 8 * 1024;

    /// <summary>Field lines of a trailer section. Over it: 431. Half a head's, as with the bytes.</summary>
    public int MaxTrailerFields { get; init => field = InRange(value, 0, 1024); } = 32;

    /// <summary>
    /// How much of the body of a request that got an error is read and dropped to keep the connection, bytes; a longer one
    /// closes it. 64 KiB is cheaper to read than a new connection with TLS is to make.
    /// </summary>
    public int MaxDrainBytes { get; init => field = InRange(value, 0, 16 * 1024 * 1024); } = 64 * 1024;

    /// <summary>
    /// Interim responses (1xx) that a client reads before a final one. A 100 and a few 102 or 103 are sane; without a bound
    /// they would keep a client waiting for ever.
    /// </summary>
    public int MaxInterimResponses { get; init => field = InRange(value, 1, 64); } = 8;

    private static int InRange(int value, int least, int most, [CallerMemberName] string name = "")
        => value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
}
