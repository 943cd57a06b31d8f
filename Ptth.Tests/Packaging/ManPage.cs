using System.Text.RegularExpressions;
using Ptth.Tests.Support;

namespace Ptth.Tests.Packaging;

/// <summary>What a man page of packaging/man documents; its source is in mdoc(7).</summary>
internal sealed partial class ManPage(string name)
{
    private readonly string _source = File.ReadAllText(Path.Combine(Repository.Root, "packaging", "man", name)).Replace("\\-", "-", StringComparison.Ordinal);

    /// <summary>The options that its section of options describes; of several names of one, the last.</summary>
    public IEnumerable<string> Options =>
        Items("OPTIONS").Select(item => "-" + Flag().Matches(item).Last().Groups[1].Value);

    /// <summary>The commands that it describes.</summary>
    public IEnumerable<string> Commands =>
        Items("DESCRIPTION").Select(item => item["Cm ".Length..]);

    /// <summary>The options that the synopsis of a command has.</summary>
    public IEnumerable<string> SynopsisOf(string command)
    {
        string form = Section("SYNOPSIS").Split(".Nm\n").Single(text => text.StartsWith($".Cm {command}\n", StringComparison.Ordinal));
        return Flag().Matches(form).Select(match => "-" + match.Groups[1].Value);
    }

    /// <summary>The configuration's keys that it describes, each with its table.</summary>
    public IEnumerable<string> Keys =>
        Subsection().Matches(Section("DESCRIPTION")).SelectMany(part =>
        {
            string table = part.Groups["title"].Value is ['[', ..] title ? title.Trim('[', ']') + "." : "";
            return Item().Matches(part.Groups["text"].Value).Select(item => table + item.Groups[1].Value["Cm ".Length..]);
        });

    private IEnumerable<string> Items(string section) => Item().Matches(Section(section)).Select(match => match.Groups[1].Value);

    private string Section(string title) => _source.Split(".Sh ").Single(section => section.StartsWith(title + "\n", StringComparison.Ordinal));

    [GeneratedRegex(@"^\.It ((?:Cm|Fl) .+)$", RegexOptions.Multiline)]
    private static partial Regex Item();

    [GeneratedRegex(@"\bFl (\S+)")]
    private static partial Regex Flag();

    [GeneratedRegex(@"^\.Ss (?<title>.+)\n(?<text>(?:(?!\.Ss ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Subsection();
}
