using System.Globalization;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>
/// One case of a vector file: a heading, a block of bytes whose info string says what they are (<c>request</c>,
/// <c>response METHOD</c>, <c>chunks</c>), a block <c>limits</c> where other than the default ones hold, and a block <c>result</c>.
/// Other text explains. The mark <c>\^</c> stands where the verdict must fall, at the latest and at the earliest; without it
/// that is the end of the bytes.
/// </summary>
internal sealed record Vector(string Title, string Kind, string Argument, byte[] Bytes, int VerdictAt, HttpLimits Limits, string Result)
{
    private const string Fence = "```";

    public override string ToString() => Title;

    /// <summary>All vectors of a kind, from every file.</summary>
    public static IEnumerable<Vector> OfKind(string kind) => All().Where(vector => vector.Kind == kind);

    public static IEnumerable<Vector> All()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Vectors");
        return Directory.GetFiles(folder, "*.md").Order().SelectMany(path => Parse(File.ReadAllText(path)));
    }

    public static IEnumerable<Vector> Parse(string markdown)
    {
        string title = "";
        var blocks = new Dictionary<string, string>();
        string[] lines = markdown.Split('\n');
        for (int at = 0; at < lines.Length; at++)
        {
            if (lines[at].StartsWith("## ", StringComparison.Ordinal))
            {
                if (blocks.Count > 0)
                    yield return FromBlocks(title, blocks);
                title = lines[at][3..];
                blocks = [];
            }
            else if (lines[at].StartsWith(Fence, StringComparison.Ordinal))
            {
                int end = Array.FindIndex(lines, at + 1, line => line == Fence);
                if (end < 0)
                    throw new FormatException($"'{title}': a block has no end.");
                blocks.Add(lines[at][Fence.Length..], string.Join('\n', lines[(at + 1)..end]));
                at = end;
            }
        }

        if (blocks.Count > 0)
            yield return FromBlocks(title, blocks);
    }

    private static Vector FromBlocks(string title, Dictionary<string, string> blocks)
    {
        string? info = blocks.Keys.SingleOrDefault(key => key is not ("limits" or "result"));
        if (info == null || !blocks.TryGetValue("result", out string? result))
            throw new FormatException($"'{title}' needs one block of bytes and a result.");

        string[] words = info.Split(' ', 2);
        (byte[] bytes, int mark) = EscapedBytes.Parse(blocks[info]);
        HttpLimits limits = blocks.TryGetValue("limits", out string? settings) ? ParseLimits(settings) : HttpLimits.Default;
        return new Vector(title, words[0], words.Length > 1 ? words[1] : "", bytes, mark < 0 ? bytes.Length : mark, limits, result);
    }

    private static HttpLimits ParseLimits(string settings)
    {
        HttpLimits limits = HttpLimits.Default;
        foreach (string setting in settings.Split('\n'))
        {
            string[] parts = setting.Split(" = ");
            int value = int.Parse(parts[1], CultureInfo.InvariantCulture);
            limits = parts[0] switch
            {
                nameof(HttpLimits.MaxHeadBytes) => limits with { MaxHeadBytes = value },
                nameof(HttpLimits.MaxStartLineBytes) => limits with { MaxStartLineBytes = value },
                nameof(HttpLimits.MaxMethodBytes) => limits with { MaxMethodBytes = value },
                nameof(HttpLimits.MaxFields) => limits with { MaxFields = value },
                nameof(HttpLimits.MaxLeadingEmptyLines) => limits with { MaxLeadingEmptyLines = value },
                nameof(HttpLimits.MaxChunkSizeDigits) => limits with { MaxChunkSizeDigits = value },
                nameof(HttpLimits.MaxChunkSizeLineBytes) => limits with { MaxChunkSizeLineBytes = value },
                nameof(HttpLimits.MaxChunkExtensionBytes) => limits with { MaxChunkExtensionBytes = value },
                nameof(HttpLimits.MaxFramingExcessBytes) => limits with { MaxFramingExcessBytes = value },
                nameof(HttpLimits.MaxTrailerBytes) => limits with { MaxTrailerBytes = value },
                nameof(HttpLimits.MaxTrailerFields) => limits with { MaxTrailerFields = value },
                _ => throw new FormatException($"Unknown limit {parts[0]}."),
            };
        }

        return limits;
    }
}
