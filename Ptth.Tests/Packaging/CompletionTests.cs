using System.Text.RegularExpressions;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Packaging;

/// <summary>The completions offer what there is and nothing else. That the shells take them is tested by packaging/test.sh.</summary>
internal sealed partial class CompletionTests
{
    private const string BashScript = """
        . "$1"
        shift
        compopt() { :; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "_${1//-/_}"
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private static readonly string Folder = Path.Combine(Repository.Root, "packaging", "completion");

    [TestCase("ptth-relay")]
    [TestCase("ptth-proxy")]
    [CancelAfter(30_000)]
    public async Task Bash_is_offered_every_command_and_option(string program, CancellationToken token)
    {
        ProgramOptions options = ProgramOptions.Of(program);

        Assert.That(await OffersAsync([program, ""]), Is.EquivalentTo(options.Commands.Concat(options.Shared)));
        foreach (string command in options.Commands)
            Assert.That(await OffersAsync([program, command, "-"]), Is.EquivalentTo(options.OwnOf(command).Concat(options.Shared)), command);

        async Task<string[]> OffersAsync(string[] words)
        {
            CommandResult result = await Command.RunAsync("bash", ["--norc", "-c", BashScript, "bash", Path.Combine(Folder, program + ".bash"), .. words], token);
            Assert.That(result.ExitCode, Is.Zero, result.ToString());
            return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    [TestCase("ptth-relay")]
    [TestCase("ptth-proxy")]
    public void Fish_and_zsh_have_every_command_and_option(string program)
    {
        ProgramOptions options = ProgramOptions.Of(program);
        string fish = File.ReadAllText(Path.Combine(Folder, program + ".fish")), zsh = File.ReadAllText(Path.Combine(Folder, program + ".zsh"));

        Assert.That(FishLong().Matches(fish).Select(match => "--" + match.Groups[1].Value).Concat(FishShort().Matches(fish).Select(match => "-" + match.Groups[1].Value)),
            Is.EquivalentTo(options.All));
        Assert.That(FishCommand().Match(fish).Groups[1].Value.Split(' '), Is.EquivalentTo(options.Commands));
        Assert.That(ZshOption().Matches(zsh).Select(match => match.Groups[1].Value).Distinct(), Is.EquivalentTo(options.All));
        Assert.That(ZshCommand().Matches(zsh).Select(match => match.Groups[1].Value), Is.EquivalentTo(options.Commands));
    }

    [GeneratedRegex(@"^complete .* -l ([a-z-]+)\b", RegexOptions.Multiline)]
    private static partial Regex FishLong();

    // One that has no long form.
    [GeneratedRegex(@"^complete (?!.* -l ).* -s ([A-Za-z])\b", RegexOptions.Multiline)]
    private static partial Regex FishShort();

    [GeneratedRegex(@"^set -l commands (.+)$", RegexOptions.Multiline)]
    private static partial Regex FishCommand();

    [GeneratedRegex(@"'(?:\(- \*\)|\*)?(?:'\{-h,)?(-{1,2}[A-Za-z-]+)(?:\}')?\[")]
    private static partial Regex ZshOption();

    [GeneratedRegex(@"^\s+'([a-z]+):", RegexOptions.Multiline)]
    private static partial Regex ZshCommand();
}
