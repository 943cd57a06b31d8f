using System.Buffers;
using Ptth.Http.Core;
using Ptth.Http.Transport;

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
        int left = maxBytes;
        while (!body.IsEmpty)
        {
            if (!body.HasSurplus) await body.Channel.WaitReadableAsync();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                int received = body.TakeSurplus(buffer);
                if (received == 0) received = await body.Channel.ReceiveReadyAsync(buffer);
                if (received == ByteChannel.NothingReady) continue;
                if (received == 0) return false;
                if (Take(body, buffer.AsSpan(0, received), collected, ref left) is bool ended) return ended;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        body.End(default);
        return true;
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
