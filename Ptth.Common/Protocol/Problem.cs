using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ptth.Common.Protocol;

/// <summary>The reason of an error answer or of a reject: a problem of RFC 9457, at most 1 KiB as JSON.</summary>
/// <param name="Type">A URI that names the kind of problem: one of <see cref="ProblemTypes"/>, or one of a later version.</param>
/// <param name="Title">The kind of problem in words; empty where none was given.</param>
/// <param name="Status">The HTTP status; 0 where none was given.</param>
/// <param name="Detail">This occurrence in words; empty where none was given.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    /// <summary>The longest problem that is sent or read, bytes.</summary>
    public const int MaxBytes = 1024;

    /// <summary>The media type (RFC 9457 section 6.1).</summary>
    public const string MediaType = "application/problem+json";

    // Nesting beyond this is nobody's problem document; unknown members may still be objects.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 8 };

    // The document is never put into HTML: escaping quotes and non-ASCII letters would only make it longer and harder to read.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The problem as UTF-8 JSON. A detail that would make it longer than <see cref="MaxBytes"/> is cut.</summary>
    public byte[] ToUtf8()
    {
        string detail = Detail;
        while (true)
        {
            byte[] json = Write(detail);
            if (json.Length <= MaxBytes || detail.Length == 0) return json;
            // A character takes at least one byte, so at least that many characters are too many.
            int keep = Math.Max(0, detail.Length - Math.Max(1, (json.Length - MaxBytes) / 6));
            if (keep > 0 && char.IsHighSurrogate(detail[keep - 1])) keep--;
            detail = detail[..keep];
        }
    }

    private byte[] Write(string detail)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, Type);
            if (Title.Length > 0) writer.WriteString("title"u8, Title);
            if (Status != 0) writer.WriteNumber("status"u8, Status);
            if (detail.Length > 0) writer.WriteString("detail"u8, detail);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads what another party sent. False for more than <see cref="MaxBytes"/>, for anything but one JSON object, and for invalid UTF-8.
    /// Unknown members and members of a wrong type are passed over (RFC 9457 section 3.1); of one given twice the last counts.
    /// Control characters become spaces, so that the texts can be shown and logged.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Problem? problem)
    {
        problem = null;
        if (json.Length > MaxBytes) return false;
        try
        {
            problem = Parse(json);
        }
        // InvalidOperationException: an escaped lone surrogate, or bytes that are no UTF-8, inside a string.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
        return problem is not null;
    }

    private static Problem? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        string type = ProblemTypes.Blank, title = "", detail = "";
        int status = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "type" when reader.TokenType == JsonTokenType.String: type = Harmless(reader.GetString()!); break;
                case "title" when reader.TokenType == JsonTokenType.String: title = Harmless(reader.GetString()!); break;
                case "detail" when reader.TokenType == JsonTokenType.String: detail = Harmless(reader.GetString()!); break;
                case "status" when reader.TokenType == JsonTokenType.Number:
                    status = reader.TryGetInt32(out int number) && number is >= 100 and <= 599 ? number : 0;
                    break;
                default: reader.Skip(); break;
            }
        }
        // Throws where something but white space follows the object.
        reader.Read();
        return new Problem(type, title, status, detail);
    }

    private static string Harmless(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Format characters reorder or hide text on a terminal; the separators end lines.
            bool harmful = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (harmful) result.Append(' ');
            else result.Append(rune);
        }
        return result.ToString();
    }
}
