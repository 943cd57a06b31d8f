using System.CommandLine;
using NUnit.Framework;
using Ptth.Common.Cli;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Tests.Common;

internal sealed class CommandLineTests
{
    private static Task<ProgramRun> Run(Action<ParseResult>? action, params string[] arguments) => ProgramRun.Of("prog", (program, given) =>
    {
        Command root = CommandLine.CreateRoot(program, "A program", typeof(CommandLineTests).Assembly);
        Option<int?> drain = Options.Drain();
        Option<int?> count = Options.Number("--count", "N", "A count", 2, 9);
        var command = new Command("go", "Go") { drain, count };
        command.SetAction((ParseResult parsed) =>
        {
            action?.Invoke(parsed);
            program.Output.Write($"{Options.DrainOf(parsed, drain).TotalSeconds} {parsed.GetValue(count)}");
            return 42;
        });
        root.Subcommands.Add(command);
        return CommandLine.RunAsync(root, program, given);
    }, arguments);

    [Test]
    public async Task A_command_gives_the_exit_code()
    {
        ProgramRun run = await Run(null, "go");
        Assert.That(run, Is.EqualTo(new ProgramRun(42, "10 ", "")));
    }

    [TestCase("0", 0)]
    [TestCase("86400", 86400)]
    public async Task Numbers_are_taken_within_their_bounds(string drain, int seconds)
    {
        ProgramRun run = await Run(null, "go", "--drain", drain, "--count", "9");
        Assert.That(run.Output, Is.EqualTo($"{seconds} 9"));
    }

    [TestCase("-1")]
    [TestCase("86401")]
    [TestCase("+1")]
    [TestCase("1.5")]
    [TestCase("ten")]
    [TestCase("99999999999")]
    [TestCase("")]
    public async Task Numbers_out_of_their_bounds_are_wrong_usage(string drain)
    {
        ProgramRun run = await Run(null, "go", "--drain", drain, "--count", "1");
        run.AssertUsage("prog go", $"--drain {drain}: must be a whole number from 0 to 86400", "--count 1: must be a whole number from 2 to 9");
    }

    [Test]
    public async Task Without_a_command_the_usage_is_wrong()
    {
        (await Run(null)).AssertUsage("prog", "Required command was not provided.");
    }

    [TestCase("go", "--unknown")]
    [TestCase("go", "extra")]
    [TestCase("go", "@file")]
    public async Task What_is_unknown_is_wrong_usage(params string[] arguments)
    {
        (await Run(null, arguments)).AssertUsage("prog go", $"Unrecognized command or argument '{arguments[1]}'.");
    }

    /// <remarks>What is wrong with a command line goes to a service's log, which more people read than may know the key.</remarks>
    [Test]
    public async Task A_key_where_none_belongs_is_not_repeated()
    {
        (await Run(null, "go", PtthKey.Generate().Reveal())).AssertUsage("prog go", "Unrecognized command or argument 'ptth_…'.");
    }

    [TestCase("http://jo:p@ss w@proxy.example:3128", "http://…@proxy.example:3128")]
    [TestCase("--porxy=http://jo:secret@proxy.example:3128", "--porxy=http://…@proxy.example:3128")]
    [TestCase("--porxy=jo:secret@proxy.example:3128", "--porxy=…@proxy.example:3128")]
    [TestCase("secret@proxy.example:3128", "…@proxy.example:3128")]
    [TestCase("jo%3Asecret@proxy.example:3128", "…@proxy.example:3128")]
    [TestCase("jo:secret-ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@proxy.example:3128", "…@proxy.example:3128")]
    [TestCase("http://jo=:secret@[::1]:3128", "http://…@[::1]:3128")]
    [TestCase("http://proxy.example:3128", "http://proxy.example:3128")]
    public async Task A_login_where_none_belongs_is_not_repeated(string argument, string shown)
    {
        (await Run(null, "go", argument)).AssertUsage("prog go", $"Unrecognized command or argument '{shown}'.");
    }

    [Test]
    public async Task A_login_in_a_value_is_not_repeated_and_what_the_value_must_be_is_whole()
    {
        (await Run(null, "go", "--drain", "http://jo:secret@proxy.example")).AssertUsage("prog go", "--drain http://…@proxy.example: must be a whole number from 0 to 86400");
        (await Run(null, "go", "--drain=jo:secret@proxy.example")).AssertUsage("prog go", "--drain …@proxy.example: must be a whole number from 0 to 86400");
    }

    [Test]
    public async Task An_option_given_twice_is_wrong_usage()
    {
        (await Run(null, "go", "--drain", "1", "--drain", "2"))
            .AssertUsage("prog go", "Option '--drain' expects a single argument but 2 were provided.");
    }

    [Test]
    public async Task Log_options_are_taken_before_and_after_the_command_and_checked()
    {
        Assert.That((await Run(null, "--log-level", "debug", "go", "--log-format", "json")).ExitCode, Is.EqualTo(42));
        (await Run(null, "go", "--log-level", "Debug", "--log-format", "xml")).AssertUsage("prog go",
            "--log-level Debug: must be one of trace, debug, info, warn, error",
            "--log-format xml: must be one of text, json");
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("go", "--help")]
    [TestCase("go", "--unknown", "--help")]
    public async Task Help_is_printed_on_standard_output(params string[] arguments)
    {
        ProgramRun run = await Run(_ => Assert.Fail("The command ran"), arguments);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("--log-level <LEVEL>").And.Contain("[default: info]"));
        Assert.That(run.Output.Contains("--drain <SECONDS>", StringComparison.Ordinal), Is.EqualTo(arguments[0] == "go"));
    }

    [TestCase("--version")]
    [TestCase("go", "--version")]
    public async Task The_version_is_printed_with_the_name(params string[] arguments)
    {
        ProgramRun run = await Run(_ => Assert.Fail("The command ran"), arguments);
        Assert.That(run, Is.EqualTo(new ProgramRun(0, "prog 0.1.0\n", "")));
    }

    [Test]
    public async Task A_bad_configuration_ends_with_78_and_one_line_a_problem()
    {
        var exception = new ConfigException([new ConfigProblem("f", 1, "k", "m"), new ConfigProblem("f", 0, "", "n"), new ConfigProblem("", 0, "V", "o")]);
        (await Run(_ => throw exception, "go")).AssertConfig("f:1: k: m", "f: n", "V: o");
    }

    [Test]
    public async Task Wrong_usage_found_by_the_command_ends_with_2()
    {
        (await Run(_ => throw new UsageException("no x: give --x"), "go")).AssertUsage("prog go", "no x: give --x");
    }

    [Test]
    public async Task An_unexpected_exception_ends_with_1_and_one_line()
    {
        ProgramRun run = await Run(_ => throw new InvalidOperationException("what"), "go");
        Assert.That(run, Is.EqualTo(new ProgramRun(1, "", "prog: failed: InvalidOperationException: what (--log-level debug shows where)\n")));
    }

    [Test]
    public async Task With_debug_logs_an_unexpected_exception_shows_where()
    {
        ProgramRun run = await Run(_ => throw new InvalidOperationException("what"), "go", "--log-level", "debug");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("prog: failed: System.InvalidOperationException: what\n").And.Contain("   at "));
    }
}
