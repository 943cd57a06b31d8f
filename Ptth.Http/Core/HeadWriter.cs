using System.Globalization;
using System.Text;

namespace Ptth.Http.Core;

/// <summary>
/// Writes a head into a span. Refuses what would not be one head to every reader: CR, LF, NUL or other control bytes in a value,
/// a name that is not a token (<see cref="ArgumentException"/>); says so when the room is too small
/// (<see cref="InvalidOperationException"/>).
/// </summary>
/// <param name="destination">Where the head goes, from its first byte on.</param>
public ref struct HeadWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>The request line, HTTP/1.1.</summary>
    /// <param name="method">A token.</param>
    /// <param name="target">A request target, percent-encoded where it has to be.</param>
    public void RequestLine(string method, string target)
    {
        ReadOnlySpan<byte> methodBytes = Text(method, nameof(method));
        if (!HttpBytes.IsToken(methodBytes))
            throw new ArgumentException("A method is a token.", nameof(method));
        Append(" "u8);

        ReadOnlySpan<byte> targetBytes = Text(target, nameof(target));
        if (targetBytes.IsEmpty || HttpBytes.TargetEnd(targetBytes, 0) != targetBytes.Length)
            throw new ArgumentException("A request target is not empty and has only the bytes of a URI.", nameof(target));
        Append(" HTTP/1.1\r\n"u8);
    }

    /// <summary>The status line, HTTP/1.1, with the standard's reason phrase where it has one.</summary>
    /// <param name="status">100 to 599.</param>
    public void StatusLine(int status)
    {
        if (status is < 100 or > 599)
            throw new ArgumentOutOfRangeException(nameof(status), status, "A status is 100 to 599.");
        Append("HTTP/1.1 "u8);
        Number(status);
        Append(" "u8);
        Append(ReasonPhrases.Of(status));
        Append("\r\n"u8);
    }

    /// <summary>A field line.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">Field text: no control byte but HTAB. White space around it is not part of it to a reader.</param>
    public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Name(name);
        CheckValue(value);
        Append(value);
        Append("\r\n"u8);
    }

    /// <summary>A field line with an ASCII text as its value.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">ASCII without control characters but HTAB.</param>
    public void Field(scoped ReadOnlySpan<byte> name, string value)
    {
        Name(name);
        CheckValue(Text(value, nameof(value)));
        Append("\r\n"u8);
    }

    /// <summary>A field line with a number as its value.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">Any number; written in decimal.</param>
    public void Field(scoped ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        Number(value);
        Append("\r\n"u8);
    }

    /// <summary>The empty line that ends the head.</summary>
    public void End() => Append("\r\n"u8);

    private void Name(scoped ReadOnlySpan<byte> name)
    {
        if (!HttpBytes.IsToken(name))
            throw new ArgumentException("A field name is a token.", nameof(name));
        Append(name);
        Append(": "u8);
    }

    private static void CheckValue(scoped ReadOnlySpan<byte> value)
    {
        if (ByteScan.TextEnd(value, 0) != value.Length)
            throw new ArgumentException("A field value has no control bytes.", nameof(value));
    }

    private void Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_destination[Length..]))
            throw NoRoom();
        Length += bytes.Length;
    }

    /// <summary>Appends an ASCII text and returns its bytes, so that they are checked where they stand.</summary>
    private ReadOnlySpan<byte> Text(string text, string parameter)
    {
        if (text.Length > _destination.Length - Length)
            throw NoRoom();
        Span<byte> room = _destination.Slice(Length, text.Length);
        if (Ascii.FromUtf16(text, room, out int written) != System.Buffers.OperationStatus.Done)
            throw new ArgumentException("The text is not ASCII.", parameter);
        Length += written;
        return room;
    }

    private void Number(long value)
    {
        if (!value.TryFormat(_destination[Length..], out int written, default, CultureInfo.InvariantCulture))
            throw NoRoom();
        Length += written;
    }

    private static InvalidOperationException NoRoom() => new("The head does not fit into the room that was given for it.");
}
