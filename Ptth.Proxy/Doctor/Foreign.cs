using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http.Core;

namespace Ptth.Proxy.Doctor;

/// <summary>Texts that come from whoever stands on the way, fit to be shown: one line, printable, short, and without a key that they may have seen.</summary>
internal static class Foreign
{
    private const int MaxLength = 128;

    /// <summary>A text on one line; null for none.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Line(string? text)
    {
        if (text is null) return null;
        var shown = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxLength))) shown.Append(c is >= ' ' and <= '~' ? c : '?');
        return PtthKey.LeaveOut(shown.Append(text.Length > MaxLength ? "…" : "").ToString());
    }

    /// <summary>A field's value on one line, those of several lines with commas between; null where it is not there.</summary>
    public static string? Field(ResponseHead head, ReadOnlySpan<byte> name)
    {
        List<string> values = [];
        for (int line = 0; line < head.Fields.Count; line++)
            if (Ascii.EqualsIgnoreCase(head.Fields.NameAt(line), name)) values.Add(Encoding.Latin1.GetString(head.Fields.ValueAt(line)));
        return values.Count == 0 ? null : Line(string.Join(", ", values));
    }
}
