using Tomlyn.Syntax;

namespace Ptth.Common.Toml;

/// <summary>How a table came to be, which decides what may still be added to it.</summary>
internal enum TomlOrigin
{
    /// <summary>Named only on the way to a deeper table: its own header may follow.</summary>
    Implicit,

    /// <summary>By its header, or the root: complete with its own lines.</summary>
    Header,

    /// <summary>By a dotted key: more dotted keys may follow, a header may not.</summary>
    DottedKey,

    /// <summary>In braces: nothing may be added.</summary>
    Inline,
}

/// <summary>What a key stands for: a value, a table, or the tables of <c>[[name]]</c> or of an array of braces. Exactly one of the three is there.</summary>
internal sealed record TomlNode(int Line, ValueSyntax? Value = null, TomlTable? Table = null, List<TomlTable>? Tables = null);

/// <summary>A table's keys.</summary>
internal sealed class TomlTable(TomlOrigin origin, int line)
{
    public TomlOrigin Origin { get; set; } = origin;

    public int Line { get; set; } = line;

    public Dictionary<string, TomlNode> Nodes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Makes tables of a syntax tree, by the rules of TOML 1.0 on what may be defined where, and what only once.</summary>
internal sealed class TomlTree
{
    private readonly Action<int, string, string> _report;
    private readonly TomlTable _root = new(TomlOrigin.Header, 0);

    private TomlTree(Action<int, string, string> report) => _report = report;

    /// <summary>The root table. What is defined twice is reported and left out.</summary>
    public static TomlTable Build(DocumentSyntax document, Action<int, string, string> report)
    {
        var tree = new TomlTree(report);
        tree.AddAll(tree._root, document.KeyValues, "");
        foreach (TableSyntaxBase table in document.Tables)
        {
            List<string> names = NamesOf(table.Name!);
            int line = LineOf(table);
            if (tree.Open(names, line, isArray: table is TableArraySyntax) is { } opened)
                tree.AddAll(opened, table.Items, string.Join('.', names) + ".");
        }
        return tree._root;
    }

    public static int LineOf(SyntaxNode node) => node.Span.Start.Line + 1;

    private TomlTable Inline(InlineTableSyntax braces, string prefix)
    {
        var table = new TomlTable(TomlOrigin.Inline, LineOf(braces));
        foreach (InlineTableItemSyntax item in braces.Items) Add(table, item.KeyValue!, prefix);
        return table;
    }

    // A table's header.
    private TomlTable? Open(List<string> names, int line, bool isArray)
    {
        TomlTable parent = _root;
        for (int i = 0; i < names.Count - 1; i++)
        {
            if (!parent.Nodes.TryGetValue(names[i], out TomlNode? node))
                parent.Nodes[names[i]] = node = new TomlNode(line, Table: new TomlTable(TomlOrigin.Implicit, line));
            TomlTable? next = node.Tables is { } tables ? tables[^1] : node.Table;
            if (next is null or { Origin: TomlOrigin.Inline }) return Refuse(names.Take(i + 1), line, node);
            parent = next;
        }
        return OpenLast(parent, names, line, isArray);
    }

    private TomlTable? OpenLast(TomlTable parent, List<string> names, int line, bool isArray)
    {
        var opened = new TomlTable(TomlOrigin.Header, line);
        if (!parent.Nodes.TryGetValue(names[^1], out TomlNode? existing))
        {
            parent.Nodes[names[^1]] = isArray ? new TomlNode(line, Tables: [opened]) : new TomlNode(line, Table: opened);
            return opened;
        }
        if (isArray && existing.Tables is { } tables && tables[^1].Origin != TomlOrigin.Inline)
        {
            tables.Add(opened);
            return opened;
        }
        if (isArray || existing.Table is not { Origin: TomlOrigin.Implicit } table) return Refuse(names, line, existing);
        table.Origin = TomlOrigin.Header;
        table.Line = line;
        return table;
    }

    private void AddAll(TomlTable table, SyntaxList<KeyValueSyntax> items, string prefix)
    {
        foreach (KeyValueSyntax item in items) Add(table, item, prefix);
    }

    private void Add(TomlTable table, KeyValueSyntax item, string prefix)
    {
        List<string> names = NamesOf(item.Key!);
        int line = LineOf(item);
        for (int i = 0; i < names.Count - 1; i++)
        {
            if (!table.Nodes.TryGetValue(names[i], out TomlNode? node))
                table.Nodes[names[i]] = node = new TomlNode(line, Table: new TomlTable(TomlOrigin.DottedKey, line));
            if (node.Table is not { Origin: TomlOrigin.DottedKey } next)
            {
                Refuse(names.Take(i + 1), line, node, prefix);
                return;
            }
            table = next;
        }
        TomlNode added = NodeOf(item.Value!, line, prefix + string.Join('.', names) + ".");
        if (!table.Nodes.TryAdd(names[^1], added)) Refuse(names, line, table.Nodes[names[^1]], prefix);
    }

    private TomlNode NodeOf(ValueSyntax value, int line, string prefix)
    {
        if (value is InlineTableSyntax braces) return new TomlNode(line, Table: Inline(braces, prefix));
        // An array of tables only where it has some and nothing else: an empty one is an array of anything.
        List<InlineTableSyntax> items = value is ArraySyntax array ? [.. array.Items.Select(item => item.Value).OfType<InlineTableSyntax>()] : [];
        return items.Count > 0 && items.Count == ((ArraySyntax)value).Items.ChildrenCount
            ? new TomlNode(line, Tables: items.ConvertAll(item => Inline(item, prefix)))
            : new TomlNode(line, Value: value);
    }

    private TomlTable? Refuse(IEnumerable<string> names, int line, TomlNode existing, string prefix = "")
    {
        _report(line, prefix + string.Join('.', names), $"is defined in line {existing.Line} already");
        return null;
    }

    private static List<string> NamesOf(KeySyntax key)
    {
        List<string> names = [NameOf(key.Key!)];
        foreach (DottedKeyItemSyntax item in key.DotKeys) names.Add(NameOf(item.Key!));
        return names;
    }

    private static string NameOf(BareKeyOrStringValueSyntax key) =>
        key is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)key).Value!;
}
