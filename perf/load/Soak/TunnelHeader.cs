using System.Buffers.Binary;

namespace Ptth.Load.Soak;

/// <summary>The first bytes of each tunnel: its plan, and a sum over it that tells a header from anything else.</summary>
internal static class TunnelHeader
{
    /// <summary>Its length.</summary>
    public const int Bytes = 64;

    private const uint Magic = 0x4B414F53;
    private const int SumAt = Bytes - sizeof(ulong);

    /// <summary>Writes it.</summary>
    public static byte[] Write(TunnelPlan plan)
    {
        byte[] header = new byte[Bytes];
        Span<byte> rest = header;
        BinaryPrimitives.WriteUInt32LittleEndian(rest, Magic);
        rest[4] = (byte)plan.Kind;
        BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], plan.Id);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], plan.UpBytes);
        BinaryPrimitives.WriteInt64LittleEndian(rest[24..], plan.DownBytes);
        BinaryPrimitives.WriteInt64LittleEndian(rest[32..], plan.DownRate);
        BinaryPrimitives.WriteInt64LittleEndian(rest[40..], plan.ResetAt);
        BinaryPrimitives.WriteInt32LittleEndian(rest[48..], plan.WaitMs);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[SumAt..], Sum(rest[..SumAt]));
        return header;
    }

    /// <summary>Reads it; null where it is none. The rate of the client is not in it.</summary>
    public static TunnelPlan? TryRead(ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(header[SumAt..]) != Sum(header[..SumAt]))
        {
            return null;
        }

        return new TunnelPlan
        {
            Kind = (TunnelKind)header[4],
            Id = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            UpBytes = BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
            DownBytes = BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            UpRate = 0,
            DownRate = BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            ResetAt = BinaryPrimitives.ReadInt64LittleEndian(header[40..]),
            WaitMs = BinaryPrimitives.ReadInt32LittleEndian(header[48..]),
        };
    }

    // FNV-1a.
    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 14695981039346656037;
        foreach (byte b in bytes) sum = (sum ^ b) * 1099511628211;
        return sum;
    }
}
