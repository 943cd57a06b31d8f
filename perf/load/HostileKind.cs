using System.Text;

namespace Ptth.Load;

/// <summary>One way to hold a relay's connection without a key.</summary>
/// <param name="Name">What it is called in the figures.</param>
/// <param name="Opening">What is sent at once.</param>
/// <param name="Drip">What is sent after that, over and over, once in each <see cref="Interval"/>; empty for nothing.</param>
internal sealed record HostileKind(string Name, byte[] Opening, byte[] Drip)
{
    private const string UnknownKey = "Authorization: Bearer ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n";
    private const string Upload = "POST /v1/upstream/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";

    /// <summary>Between two drips.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>All kinds; hostile connections take turns in them.</summary>
    public static readonly IReadOnlyList<HostileKind> All =
    [
        new("silent", [], []),
        new("half_head", Text("GET /v1/health HTTP/1.1\r\nHos"), []),
        new("slow_head", Text("G"), Text("E")),
        new("slow_fields", Text("GET /v1/health HTTP/1.1\r\nHost: a\r\n"), Text("X-A: b\r\n")),
        new("endless_head", Text("GET /v1/health HTTP/1.1\r\nHost: a\r\nX-A: "), Filled(16 * 1024)),
        new("endless_target", Text("GET /"), Filled(16 * 1024)),
        new("garbage", Garbage(4096), Garbage(512)),
        new("endless_extension", Text(Upload + "\r\n1;a="), Filled(128)),
        new("huge_chunk", Text(Upload + UnknownKey + "\r\n10000000000000000\r\n"), Filled(128)),
        new("slow_chunks", Text(Upload + UnknownKey + "\r\n"), Text("1\r\nx\r\n")),
        // Where the relay speaks TLS this is a handshake that stops.
        new("half_hello", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], []),
        new("half_chunk", Text(Upload + "\r\nffff\r\nx"), []),
    ];

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Filled(int count) => [.. Enumerable.Repeat((byte)'x', count)];

    private static byte[] Garbage(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
