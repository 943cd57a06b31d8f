using System.Buffers.Text;
using System.Text;

namespace Ptth.Common.Protocol;

/// <summary>
/// What a relay tells about the body of a <c>probe/stream</c>, in the answer to <c>probe/reports</c>: a line of <see cref="Length"/> bytes,
/// <c>BYTES END</c> or <c>BYTES END changed</c>, filled up with blanks.
/// </summary>
/// <param name="Bytes">How many bytes of the body have come.</param>
/// <param name="End">What has become of it.</param>
/// <param name="IsChanged">Whether they are others than <see cref="ProbeBytes"/>.</param>
public readonly record struct ProbeReport(long Bytes, ProbeReportEnd End, bool IsChanged)
{
    /// <summary>The line's length with its LF, bytes: as long as the small messages whose round trip is measured.</summary>
    public const int Length = 64;

    private const int MaxDigits = 18;

    private static readonly byte[][] Words = [.. Enum.GetNames<ProbeReportEnd>().Select(static name => Encoding.ASCII.GetBytes(name.ToLowerInvariant()))];

    /// <summary>Writes the line.</summary>
    /// <param name="line"><see cref="Length"/> bytes.</param>
    public void Write(Span<byte> line)
    {
        line = line[..Length];
        line.Fill((byte)' ');
        line[^1] = (byte)'\n';
        Utf8Formatter.TryFormat(Bytes, line, out int at);
        at++;
        Words[(int)End].CopyTo(line[at..]);
        if (IsChanged) "changed"u8.CopyTo(line[(at + Words[(int)End].Length + 1)..]);
    }

    /// <summary>Reads a line; false where it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out ProbeReport report)
    {
        report = default;
        if (line.Length != Length || line[^1] != '\n') return false;
        line = line[..^1].TrimEnd((byte)' ');
        int space = line.IndexOf((byte)' ');
        if (space is <= 0 or > MaxDigits || line[..space].ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        long bytes = 0;
        foreach (byte digit in line[..space]) bytes = (bytes * 10) + digit - '0';
        line = line[(space + 1)..];
        bool isChanged = line.EndsWith(" changed"u8);
        if (isChanged) line = line[..^" changed"u8.Length];
        for (int end = 0; end < Words.Length; end++)
        {
            if (!line.SequenceEqual(Words[end])) continue;
            report = new ProbeReport(bytes, (ProbeReportEnd)end, isChanged);
            return true;
        }

        return false;
    }
}
