using System.Buffers;
using Ptth.Http.Core;

namespace Ptth.Http.Flow;

/// <summary>Reads bodies that are small, or wanted by nobody, without a destination.</summary>
internal static class BodyReader
{
    private const int BufferBytes = 4096;

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="collected">Takes the payload; null to drop it.</param>
    /// <param name="maxBytes">The most bytes of payload.</param>
    /// <returns>False where the body is longer, or its framing is broken, or it was broken off.</returns>
    public static async ValueTask<bool> ReadAsync(BodySource body, IBufferWriter<byte>? collected, int maxBytes)
    {
        byte[]? buffer = null;
        try
        {
            int left = maxBytes;
            while (!body.IsEmpty)
            {
                if (!body.HasSurplus && buffer is null) await body.Channel.WaitReadableAsync();
                buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
                int received = body.TakeSurplus(buffer);
                if (received == 0) received = await body.Channel.ReceiveAsync(buffer);
                if (received == 0) return false;
                if (Take(body, buffer.AsSpan(0, received), collected, ref left) is bool ended) return ended;
            }

            body.End(default);
            return true;
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool? Take(BodySource body, ReadOnlySpan<byte> input, IBufferWriter<byte>? collected, ref int left)
    {
        while (true)
        {
            ChunkStep step = body.Next(input, out ChunkPiece piece);
            if (step == ChunkStep.Data)
            {
                left -= piece.DataLength;
                if (left < 0) return false;
                collected?.Write(input.Slice(piece.DataStart, piece.DataLength));
            }

            input = input[piece.Consumed..];
            switch (step)
            {
                case ChunkStep.End:
                    body.End(input);
                    return true;
                case ChunkStep.Invalid:
                    return false;
                case ChunkStep.NeedMore:
                    return null;
            }
        }
    }
}
