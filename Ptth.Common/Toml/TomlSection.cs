using System.Diagnostics.CodeAnalysis;
using Tomlyn;
using Tomlyn.Syntax;

namespace Ptth.Common.Toml;

/// <summary>Reads a text as something; false where it is not that.</summary>
public delegate bool TextParser<T>(ReadOnlySpan<char> text, [MaybeNullWhen(false)] out T value);

/// <summary>
/// A table of a file, for one reader. What it is asked for it knows; the rest is unknown. Problems are gathered, and the reader goes on
/// with the default, so that all of them are found at once.
/// </summary>
public sealed class TomlSection
{
    private const string ExpectedTexts = "must be an array of texts in quotes: [\"...\", \"...\"]";

    private readonly TomlFile _file;
    private readonly TomlTable _table;
    private readonly string _name;
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<TomlTable, TomlSection> _sections = [];

    internal TomlSection(TomlFile file, TomlTable table, string name)
    {
        _file = file;
        _table = table;
        _name = name;
    }

    /// <summary>The line of the table's header; 0 for the root.</summary>
    public int Line => _table.Line;

    /// <summary>Whether the key is there. It counts as known.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The line of a key that is there; of the table where it is not.</summary>
    public int LineOf(string key) => _table.Nodes.TryGetValue(key, out TomlNode? node) ? node.Line : Line;

    /// <summary>A problem with a key, at its line.</summary>
    public void Report(string key, string message) => Report(LineOf(key), key, message);

    /// <summary>A problem with a key, at the line of one of its values.</summary>
    public void Report(int line, string key, string message) => _file.Report(line, FullName(key), message);

    /// <summary>A problem with one of a key's values, which is shown: others may stand in the same line.</summary>
    /// <param name="text">The value.</param>
    /// <param name="key">The key.</param>
    /// <param name="expected">What it must be.</param>
    public void Report(TomlText text, string key, string expected) => Report(text.Line, key, $"{text.Shown} {expected}");

    /// <summary>A text; null where the key is missing or is something else.</summary>
    public TomlText? Text(string key)
    {
        if (Find(key) is not { } node) return null;
        if (node.Value is StringValueSyntax text) return new TomlText(text.Value!, TomlTree.LineOf(text));
        Report(key, "must be a text in quotes");
        return null;
    }

    /// <summary>A text that must be there and must be a <typeparamref name="T"/>; false, and a problem, where it is not.</summary>
    public bool TryRequire<T>(string key, TextParser<T> parser, string expected, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (Has(key)) return TryRead(key, parser, expected, out value);
        Report(key, "is missing; it " + expected);
        return false;
    }

    /// <summary>A text that must be a <typeparamref name="T"/> where it is there; false where it is not, with a problem where it is something else.</summary>
    public bool TryRead<T>(string key, TextParser<T> parser, string expected, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (Text(key) is not { } text) return false;
        if (parser(text.Value, out value)) return true;
        Report(key, expected);
        return false;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool ifMissing)
    {
        if (Find(key) is not { } node) return ifMissing;
        if (node.Value is BooleanValueSyntax flag) return flag.Value;
        Report(key, "must be true or false, without quotes");
        return ifMissing;
    }

    /// <summary>A whole number in a range.</summary>
    public int Number(string key, int min, int max, int ifMissing)
    {
        if (Find(key) is not { } node) return ifMissing;
        if (node.Value is IntegerValueSyntax number && number.Value >= min && number.Value <= max) return (int)number.Value;
        Report(key, $"must be a whole number from {min} to {max}");
        return ifMissing;
    }

    /// <summary>A whole number of seconds in a range.</summary>
    public TimeSpan Seconds(string key, int min, int max, TimeSpan ifMissing)
    {
        if (Find(key) is not { } node) return ifMissing;
        if (node.Value is IntegerValueSyntax number && number.Value >= min && number.Value <= max) return TimeSpan.FromSeconds(number.Value);
        Report(key, $"must be a whole number of seconds from {min} to {max}");
        return ifMissing;
    }

    /// <summary>A time-out: a whole number of seconds up to a bound, or 0, which turns it off: <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan TimeoutSeconds(string key, int max, TimeSpan ifMissing)
    {
        if (Find(key) is not { } node) return ifMissing;
        if (node.Value is IntegerValueSyntax number && number.Value >= 0 && number.Value <= max)
            return number.Value == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(number.Value);
        Report(key, $"must be a whole number of seconds from 1 to {max}, or 0 for no time-out");
        return ifMissing;
    }

    /// <summary>
    /// A point in time: a date and time with its offset, or a date alone, which is its end in UTC. Null where the key is missing or is
    /// something else. A time without an offset would mean another moment on every machine.
    /// </summary>
    public DateTimeOffset? PointInTime(string key)
    {
        if (Find(key) is not { } node) return null;
        if (node.Value is DateTimeValueSyntax { Value: var time })
        {
            switch (time.Kind)
            {
                case TomlDateTimeKind.OffsetDateTimeByZ or TomlDateTimeKind.OffsetDateTimeByNumber:
                    return time.DateTime.ToUniversalTime();
                case TomlDateTimeKind.LocalDate:
                    DateTime day = time.DateTime.Date;
                    return day < DateTime.MaxValue.Date ? new DateTimeOffset(day.AddDays(1), TimeSpan.Zero) : DateTimeOffset.MaxValue;
            }
        }

        Report(key, "must be a date such as 2027-01-31, which is its end in UTC, or a time with its offset such as 2027-01-31T12:00:00Z, without quotes");
        return null;
    }

    /// <summary>An array of texts; null where the key is missing or is something else.</summary>
    public IReadOnlyList<TomlText>? Texts(string key)
    {
        if (Find(key) is not { } node) return null;
        if (node.Value is not ArraySyntax array)
        {
            Report(key, ExpectedTexts);
            return null;
        }
        var texts = new List<TomlText>();
        foreach (ArrayItemSyntax item in array.Items)
        {
            if (item.Value is StringValueSyntax text) texts.Add(new TomlText(text.Value!, TomlTree.LineOf(text)));
            else Report(TomlTree.LineOf(item), key, ExpectedTexts);
        }
        return texts;
    }

    /// <summary>One text, or an array of texts; null where the key is missing or is something else.</summary>
    public IReadOnlyList<TomlText>? OneOrMoreTexts(string key) =>
        Find(key) is { Value: StringValueSyntax text } ? [new TomlText(text.Value!, TomlTree.LineOf(text))] : Texts(key);

    /// <summary>A table; an empty one where it is missing.</summary>
    public TomlSection Table(string key)
    {
        TomlNode? node = Find(key);
        if (node is not null and not { Table: not null }) Report(key, $"must be a table: [{FullName(key)}] and its keys below");
        return Section(node?.Table ?? new TomlTable(TomlOrigin.Implicit, 0), key);
    }

    /// <summary>The tables of <c>[[key]]</c>, in their order; none where the key is missing, null where it is something else.</summary>
    public IReadOnlyList<TomlSection>? Tables(string key)
    {
        if (Find(key) is not { } node) return [];
        if (node.Tables is { } tables) return tables.ConvertAll(table => Section(table, key));
        if (node.Value is ArraySyntax { Items.ChildrenCount: 0 }) return [];
        Report(key, $"must be tables: [[{FullName(key)}]] and its keys below, for each one");
        return null;
    }

    /// <summary>Makes keys that nobody asked for problems, here and in the sections that were asked for.</summary>
    public void RejectUnknown()
    {
        foreach ((string key, TomlNode node) in _table.Nodes)
            if (!_known.Contains(key)) Report(node.Line, key, "unknown key; " + HintFor(key));
        foreach (TomlSection section in _sections.Values) section.RejectUnknown();
    }

    // Whatever follows a table's header belongs to that table, wherever it was meant to go.
    private string HintFor(string key) =>
        _name.Length > 0 && _file.Root._known.Contains(key)
            ? "it belongs above the first line in brackets"
            : NearestKey.Hint(key, _known);

    private TomlNode? Find(string key)
    {
        _known.Add(key);
        return _table.Nodes.GetValueOrDefault(key);
    }

    private TomlSection Section(TomlTable table, string key)
    {
        // One section for each table, so that it knows what all of its readers know.
        if (!_sections.TryGetValue(table, out TomlSection? section))
            _sections[table] = section = new TomlSection(_file, table, FullName(key));
        return section;
    }

    private string FullName(string key) => _name.Length == 0 ? key : _name + "." + key;
}
