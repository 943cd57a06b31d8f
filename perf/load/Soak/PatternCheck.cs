namespace Ptth.Load.Soak;

/// <summary>Compares what comes with what was sent, byte by byte, as it comes.</summary>
internal sealed class PatternCheck(HalfPlan plan)
{
    private readonly byte[] _expected = StreamHalf.NewBuffer(plan.ReceiveBytes);

    /// <summary>How many bytes have come, all as they should be.</summary>
    public long Received { get; private set; }

    /// <summary>Takes the next bytes; null where they are right.</summary>
    public HalfResult? Add(ReadOnlySpan<byte> bytes)
    {
        Span<byte> expected = _expected.AsSpan(0, bytes.Length);
        TunnelPattern.Fill(expected, plan.Id, plan.Receives, Received);
        int same = bytes.CommonPrefixLength(expected);
        long room = plan.ReceiveBytes - Received;
        if (same == bytes.Length && same <= room)
        {
            Received += same;
            return null;
        }

        int right = (int)Math.Min(same, room);
        Received += right;

        // A block that was cut by the previous receive is not whole; the one after it is.
        (ulong Id, Direction Direction, long Position)? found = TunnelPattern.Find(bytes[right..]);
        if (found is { } other && (other.Id != plan.Id || other.Direction != plan.Receives))
            return new HalfResult(Outcome.CrossTalk, Received, $"bytes of tunnel {other.Id:x}, {other.Direction}, from about {other.Position}");
        if (right == room) return new HalfResult(Outcome.TooLong, Received, $"{bytes.Length - right} bytes more than were sent");
        string where = found is { } own ? $"bytes from about {own.Position} stand near {Received}" : $"{bytes[same]} rather than {expected[same]}";
        return new HalfResult(Outcome.Corrupt, Received, where);
    }
}
