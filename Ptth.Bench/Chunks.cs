using Ptth.Http.Core;

namespace Ptth.Bench;

/// <summary>What is sent through relays.</summary>
internal static class Chunks
{
    /// <summary>One chunk of that many zero bytes.</summary>
    public static byte[] Encode(int dataBytes)
    {
        Span<byte> line = stackalloc byte[ChunkEncoder.MaxSizeLineBytes];
        int lineBytes = ChunkEncoder.WriteSizeLine(line, dataBytes);
        return [.. line[..lineBytes], .. new byte[dataBytes], .. ChunkEncoder.Crlf.Span];
    }
}
