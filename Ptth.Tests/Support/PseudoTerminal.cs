using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>A program on a pseudo terminal of script(1), which has no size of its own: COLUMNS tells it.</summary>
internal sealed partial class PseudoTerminal
{
    private const string Clear = "\r\u001b[K";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private readonly RunningProgram _script;
    private readonly string _output;
    private readonly string _id;

    private PseudoTerminal(RunningProgram script, string output, string id)
    {
        _script = script;
        _output = output;
        _id = id;
    }

    /// <summary>All that the program wrote so far.</summary>
    public string Output
    {
        get
        {
            if (!File.Exists(_output)) return "";
            using var stream = new FileStream(_output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return Framing().Replace(reader.ReadToEnd(), "");
        }
    }

    /// <summary>Starts a program whose standard streams are all the terminal.</summary>
    public static PseudoTerminal Start(TestScope scope, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var (output, id) = (scope.Folder.File("terminal"), scope.Folder.File("terminal.pid"));
        var command = $"echo $$ >'{id}'; exec {string.Join(' ', arguments.Prepend(file).Select(static word => $"'{word}'"))}";
        return new PseudoTerminal(scope.Start("terminal", "script", ["-qefc", command, output], environment: environment), output, id);
    }

    /// <summary>Waits until the line at the bottom has contained a text at some time: once it had contained <paramref name="after"/>.</summary>
    public Task ShowsAsync(string text, CancellationToken token, string after = "") =>
        UntilAsync(() => LiveLines().SkipWhile(line => !line.Contains(after, StringComparison.Ordinal)).Any(line => line.Contains(text, StringComparison.Ordinal)), text, token);

    /// <summary>Waits for a whole log line with a text.</summary>
    public Task LogsAsync(string text, CancellationToken token) =>
        UntilAsync(() => WholeLines().Any(line => line.Contains(text, StringComparison.Ordinal)), text, token);

    /// <summary>Waits until a text has been written, at <paramref name="from"/> or later.</summary>
    public Task WritesAsync(string text, CancellationToken token, int from = 0) => UntilAsync(() => Output.IndexOf(text, Math.Min(from, Output.Length), StringComparison.Ordinal) >= 0, text, token);

    /// <summary>Every text that the line at the bottom had, one after the other.</summary>
    public string[] LiveLines() => [.. Output.Split(Clear).Skip(1).Select(static piece => piece[(piece.LastIndexOf('\n') + 1)..]).Where(static line => line.Length > 0)];

    /// <summary>What is to be seen now.</summary>
    public string[] Screen() => TerminalScreen.Show(Output);

    /// <summary>Ends the program by SIGTERM, and waits for it.</summary>
    public async Task EndAsync(CancellationToken token)
    {
        await Command.RunAsync("kill", ["-TERM", File.ReadAllText(_id).Trim()], token);
        Assert.That(await _script.WaitForExitAsync(Bound), Is.Zero, "the program's exit code");
    }

    // What is behind the last of them may end within a control sequence while script(1) is writing it.
    private string[] WholeLines()
    {
        var output = Output;
        return TerminalScreen.Show(output[..(output.LastIndexOf('\n') + 1)])[..^1];
    }

    private Task UntilAsync(Func<bool> condition, string text, CancellationToken token) =>
        Eventually.HoldsAsync(condition, () => string.Create(CultureInfo.InvariantCulture, $"\"{text}\" on the terminal:\n{Output.Replace("\u001b", "<ESC>", StringComparison.Ordinal)}"), Bound, token);

    // What script(1) itself writes at the beginning and the end of its file.
    [GeneratedRegex(@"\AScript started on [^\n]*\n|\n?Script done on [^\n]*\n?\z")]
    private static partial Regex Framing();
}
