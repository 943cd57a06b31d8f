using System.Text;
using Ptth.Common.Hosting;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Ptth.Common.Toml;

/// <summary>A configuration file in TOML. Readers ask its sections for what they know; at the end all problems are thrown at once.</summary>
public sealed class TomlFile
{
    /// <summary>The longest file, bytes: some 10,000 servers and clients. A device or a log given by mistake ends here.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string KeyMark = "ptth_";

    private readonly List<ConfigProblem> _problems = [];

    private TomlFile(string path) => Path = path;

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>The keys and tables outside any table.</summary>
    public TomlSection Root { get; private set; } = null!;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigException">It cannot be read, or it is not TOML.</exception>
    public static TomlFile Load(string path)
    {
        try
        {
            return Parse(Decode(BoundedFile.Read(path, MaxBytes), path), path);
        }
        catch (Exception e) when (BoundedFile.ProblemOf(e, path) is { } problem)
        {
            throw new ConfigException(new ConfigProblem(path, 0, "", problem));
        }
    }

    /// <summary>
    /// Reads a file that was read before. One in which there is nothing by now is refused, rather than taken for a configuration without
    /// anything in it: a pipe can be read once only, and whoever empties a file is mostly about to write it.
    /// </summary>
    /// <exception cref="ConfigException">It has nothing in it, or it is a pipe.</exception>
    public static void RequireContent(string path)
    {
        // What cannot be found at all is told by the reading. Nothing is opened here: a named pipe would wait for its writer.
        if (!File.Exists(path)) return;
        var target = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (!target.Exists || target.Length == 0)
            throw new ConfigException(new ConfigProblem(path, 0, "", "is empty, or a pipe: only a file can be read again"));
    }

    /// <summary>Reads a text; <paramref name="path"/> is its name in errors.</summary>
    /// <exception cref="ConfigException">It is not TOML.</exception>
    public static TomlFile Parse(string text, string path)
    {
        var file = new TomlFile(path);
        DocumentSyntax document;
        try
        {
            // The tree below finds keys that are defined twice: the library's own text for them quotes values, which may be secret.
            document = SyntaxParser.Parse(text, path, validate: false);
        }
        catch (TomlException)
        {
            throw new ConfigException(new ConfigProblem(path, 0, "", "is not valid TOML: it is nested too deeply"));
        }
        file.ReportSyntax(document.Diagnostics, holdsKey: text.Contains(KeyMark, StringComparison.Ordinal));
        file.ThrowIfProblems();
        TomlTable root = TomlTree.Build(document, file.Report);
        file.ThrowIfProblems();
        file.Root = new TomlSection(file, root, "");
        return file;
    }

    /// <summary>Ends the reading: keys that nobody asked for are errors too.</summary>
    /// <exception cref="ConfigException">Anything was wrong.</exception>
    public void Complete()
    {
        Root.RejectUnknown();
        ThrowIfProblems();
    }

    internal void Report(int line, string key, string message) => _problems.Add(new ConfigProblem(Path, line, key, message));

    private void ThrowIfProblems()
    {
        if (_problems.Count > 0) throw new ConfigException([.. _problems.OrderBy(problem => problem.Line)]);
    }

    // One per line: what follows the first error of a line mostly follows from it. The library's texts quote the file: a key that lacks
    // its quotes must not get into a log that way.
    private void ReportSyntax(DiagnosticsBag diagnostics, bool holdsKey)
    {
        var lines = new HashSet<int>();
        foreach (DiagnosticMessage diagnostic in diagnostics)
        {
            if (!lines.Add(diagnostic.Span.Start.Line)) continue;
            string message = holdsKey ? ": look for a missing quote or bracket (the exact reason would quote this file, which holds a key)" : ": " + diagnostic.Message;
            Report(diagnostic.Span.Start.Line + 1, "", "is not valid TOML" + message);
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            return utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigException(new ConfigProblem(path, 0, "", "is not valid TOML: it is not UTF-8"));
        }
    }
}
