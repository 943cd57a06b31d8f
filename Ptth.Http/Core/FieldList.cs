namespace Ptth.Http.Core;

/// <summary>The field lines of one head, kept in the order in which they came. Immutable; names compare without case (ASCII).</summary>
public sealed class FieldList
{
    /// <summary>How many field lines there are.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The name of line <paramref name="index"/> as it was sent.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => throw new NotImplementedException();

    /// <summary>The value of line <paramref name="index"/>, without white space around it.</summary>
    public ReadOnlySpan<byte> ValueAt(int index) => throw new NotImplementedException();

    /// <summary>The value of the only line of that name; false where there is none or more than one.</summary>
    public bool TryGetSingle(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>How many lines have that name.</summary>
    public int CountOf(ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <summary>Whether a comma-separated list (RFC 9110 section 5.6.1) over all lines of that name has the token, without case.</summary>
    public bool HasToken(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token) => throw new NotImplementedException();
}
