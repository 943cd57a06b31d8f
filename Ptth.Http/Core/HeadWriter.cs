namespace Ptth.Http.Core;

/// <summary>
/// Writes a head into a span. Refuses what would not be one head to every reader: CR, LF, NUL or other control bytes in a value,
/// a name that is not a token (<see cref="ArgumentException"/>); says so when the room is too small (<see cref="InvalidOperationException"/>).
/// </summary>
public ref struct HeadWriter
{
    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>The request line, HTTP/1.1.</summary>
    public void RequestLine(string method, string target) => throw new NotImplementedException();

    /// <summary>The status line, HTTP/1.1, with the standard's reason phrase where it has one.</summary>
    public void StatusLine(int status) => throw new NotImplementedException();

    /// <summary>A field line.</summary>
    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>A field line with an ASCII text as its value.</summary>
    public void Field(ReadOnlySpan<byte> name, string value) => throw new NotImplementedException();

    /// <summary>A field line with a number as its value.</summary>
    public void Field(ReadOnlySpan<byte> name, long value) => throw new NotImplementedException();

    /// <summary>The empty line that ends the head.</summary>
    public void End() => throw new NotImplementedException();
}
