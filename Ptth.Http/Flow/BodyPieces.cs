using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// Reads a body piece by piece where no flow is to run: for whoever looks at when bytes come. The reader waits without a buffer, and brings one
/// when there is something to read. It never throws for what a peer or the network does.
/// </summary>
/// <param name="source">The body.</param>
public sealed class BodyPieces(FlowSource source)
{
    private BodyStep _end = BodyStep.More;

    /// <summary>What was wrong, after <see cref="BodyStep.Invalid"/>.</summary>
    public HttpViolation Violation => source.Violation;

    /// <summary>Completes when <see cref="ReadReadyAsync"/> has something to tell; or for nothing, as a channel's wait may.</summary>
    public async ValueTask WaitAsync()
    {
        if (_end != BodyStep.More || source.IsEmpty || source.HasSurplus) return;
        try
        {
            await source.Channel.WaitReadableAsync();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            _end = BodyStep.Broken;
        }
    }

    /// <summary>Reads what is there, without its framing. After the end it says the same again.</summary>
    /// <param name="buffer">Not empty.</param>
    /// <returns>How many bytes of payload were read, which may be none; and whether they were the last.</returns>
    public async ValueTask<(BodyStep Step, int Bytes)> ReadReadyAsync(Memory<byte> buffer)
    {
        if (_end != BodyStep.More) return (_end, 0);
        if (source.IsEmpty)
        {
            source.End(default);
            return (_end = BodyStep.End, 0);
        }

        int received;
        try
        {
            received = source.TakeSurplus(buffer.Span);
            if (received == 0) received = await source.Channel.ReceiveReadyAsync(buffer);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            received = 0;
        }

        switch (received)
        {
            case ByteChannel.NothingReady:
                return (BodyStep.More, 0);
            case 0:
                return (_end = BodyStep.Broken, 0);
            default:
                int bytes = TakePayload(buffer.Span[..received]);
                return (_end, bytes);
        }
    }

    /// <summary>Moves the payload to the start of what was received; returns how much it is.</summary>
    private int TakePayload(Span<byte> received)
    {
        int taken = 0;
        ReadOnlySpan<byte> rest = received;
        while (true)
        {
            ChunkStep step = source.Next(rest, out ChunkPiece piece);
            // What is written over has been read: payload is never longer than what it was taken from.
            rest.Slice(piece.DataStart, piece.DataLength).CopyTo(received[taken..]);
            taken += piece.DataLength;
            rest = rest[piece.Consumed..];
            switch (step)
            {
                case ChunkStep.End:
                    source.End(rest);
                    _end = BodyStep.End;
                    return taken;
                case ChunkStep.Invalid:
                    _end = BodyStep.Invalid;
                    return taken;
                case ChunkStep.NeedMore:
                    return taken;
            }
        }
    }
}
