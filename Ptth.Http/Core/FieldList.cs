using System.Text;

namespace Ptth.Http.Core;

/// <summary>
/// The field lines of one head, kept in the order in which they came. Immutable; names compare without case (ASCII).
/// The section is kept as it came in one array, beside one array that says where names and values lie.
/// </summary>
public sealed class FieldList
{
    private readonly byte[] _section;
    private readonly FieldLine[] _lines;

    internal FieldList(ReadOnlySpan<byte> section, ReadOnlySpan<FieldLine> lines)
    {
        _section = section.ToArray();
        _lines = lines.ToArray();
    }

    /// <summary>How many field lines there are.</summary>
    public int Count => _lines.Length;

    /// <summary>The name of line <paramref name="index"/> as it was sent.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => NameOf(_lines[index]);

    /// <summary>The value of line <paramref name="index"/>, without white space around it.</summary>
    public ReadOnlySpan<byte> ValueAt(int index)
    {
        FieldLine line = _lines[index];
        return _section.AsSpan(line.ValueStart, line.ValueLength);
    }

    /// <summary>Whether a tab stands in line <paramref name="index"/>, the white space around the value included.</summary>
    internal bool HasTabAt(int index)
    {
        FieldLine line = _lines[index];
        int end = index + 1 < _lines.Length ? _lines[index + 1].NameStart : _section.Length;
        return _section.AsSpan(line.NameStart, end - line.NameStart).Contains(HttpBytes.Tab);
    }

    /// <summary>The value of the only line of that name; false where there is none or more than one.</summary>
    public bool TryGetSingle(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int first = Find(name, 0);
        if (first < 0 || Find(name, first + 1) >= 0)
        {
            value = default;
            return false;
        }

        value = ValueAt(first);
        return true;
    }

    /// <summary>How many lines have that name.</summary>
    public int CountOf(ReadOnlySpan<byte> name)
    {
        int count = 0;
        for (int index = Find(name, 0); index >= 0; index = Find(name, index + 1))
            count++;
        return count;
    }

    /// <summary>Whether a comma-separated list (RFC 9110 section 5.6.1) over all lines of that name has the token, without case.</summary>
    public bool HasToken(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        for (int index = Find(name, 0); index >= 0; index = Find(name, index + 1))
        {
            ReadOnlySpan<byte> value = ValueAt(index);
            foreach (Range member in value.Split((byte)','))
            {
                if (Ascii.EqualsIgnoreCase(HttpBytes.TrimWhiteSpace(value[member]), token))
                    return true;
            }
        }

        return false;
    }

    /// <summary>The first line of that name at or behind <paramref name="from"/>, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> name, int from)
    {
        FieldLine[] lines = _lines;
        for (int index = from; index < lines.Length; index++)
        {
            if (lines[index].NameLength == name.Length && Ascii.EqualsIgnoreCase(NameOf(lines[index]), name))
                return index;
        }

        return -1;
    }

    private ReadOnlySpan<byte> NameOf(FieldLine line) => _section.AsSpan(line.NameStart, line.NameLength);
}
