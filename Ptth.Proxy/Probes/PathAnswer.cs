using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Core;

namespace Ptth.Proxy.Probes;

/// <summary>What an answer's head says about who gave it, or who handed it on.</summary>
/// <param name="Status">The status.</param>
/// <param name="Version">The version that the next in line speaks.</param>
/// <param name="Server">The Server field; null without one. The relay sends none.</param>
/// <param name="Via">The Via fields, with commas between; null without one. The relay sends none.</param>
/// <param name="IsRelays">Whether the relay gave it, as far as its fields tell.</param>
internal sealed record PathAnswer(int Status, ProtocolVersion Version, string? Server, string? Via, bool IsRelays)
{
    /// <summary>The longest text that is taken of a field, characters: what tells of intermediaries is short.</summary>
    private const int MaxTextLength = 128;

    /// <summary>What a head says.</summary>
    public static PathAnswer Of(ResponseHead head) => new(
        head.Status, head.Version, TextOf(head.Fields, "Server"u8), TextOf(head.Fields, "Via"u8), IsOfRelay(head.Fields));

    /// <summary>All lines of a field with commas between, visible ASCII alone; null where there is none.</summary>
    internal static string? TextOf(FieldList fields, ReadOnlySpan<byte> name)
    {
        StringBuilder? text = null;
        for (int i = 0; i < fields.Count; i++)
        {
            if (!Ascii.EqualsIgnoreCase(fields.NameAt(i), name)) continue;
            text = text is null ? new StringBuilder() : text.Append(", ");
            foreach (byte letter in fields.ValueAt(i)) text.Append(letter is >= (byte)' ' and <= (byte)'~' ? (char)letter : '?');
        }

        if (text?.Length > MaxTextLength) text.Length = MaxTextLength;
        return text?.ToString();
    }

    private static bool IsOfRelay(FieldList fields) => fields.CountOf(PtthHeaders.Accepts) > 0 || fields.CountOf(PtthHeaders.Relay) > 0
        || (fields.TryGetSingle(FieldNames.ContentType, out ReadOnlySpan<byte> type) && Ascii.Equals(type, Problem.MediaType));
}
