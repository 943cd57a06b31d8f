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
    public static async ValueTask<BodyEnd> ReadAsync(BodySource body, IBufferWriter<byte>? collected, int maxBytes)
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
                if (received == 0) return BodyEnd.Broken;
                if (Take(body, buffer.AsSpan(0, received), collected, ref left) is { } end) return end;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        body.End(default);
        return BodyEnd.Clean;
    }

    private static BodyEnd? Take(BodySource body, ReadOnlySpan<byte> input, IBufferWriter<byte>? collected, ref int left)
    {
        while (true)
        {
            ChunkStep step = body.Next(input, out ChunkPiece piece);
            if (step == ChunkStep.Data)
            {
                left -= piece.DataLength;
                if (left < 0) return BodyEnd.TooLong;
                collected?.Write(input.Slice(piece.DataStart, piece.DataLength));
            }

            input = input[piece.Consumed..];
            switch (step)
            {
                case ChunkStep.End:
                    body.End(input);
                    return BodyEnd.Clean;
                case ChunkStep.Invalid:
                    return BodyEnd.Broken;
                case ChunkStep.NeedMore:
                    return null;
            }
        }
    }
}
