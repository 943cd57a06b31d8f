using System.CommandLine;
using Microsoft.Extensions.Logging;
using Ptth.Common.Logging;

namespace Ptth.Common.Cli;

/// <summary><c>--log-level</c> and <c>--log-format</c>, which every command of every program takes.</summary>
public static class LogOptions
{
    private const string Level = "--log-level";
    private const string Format = "--log-format";

    /// <summary>Where a running program logs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="live">What is shown below the entries, where standard error is a terminal.</param>
    public static ILoggerFactory CreateLoggers(ParseResult parsed, LiveLine? live = null) =>
        LogSetup.Create(LevelOf(parsed.GetValue<string>(Level)), FormatOf(parsed), Console.OpenStandardError(), live);

    /// <summary>How entries are written.</summary>
    public static LogFormat FormatOf(ParseResult parsed) => parsed.GetValue<string>(Format) == "json" ? LogFormat.Json : LogFormat.Text;

    internal static void AddTo(Command root)
    {
        root.Options.Add(Create(Level, "LEVEL", "The least level to log", "info", "trace", "debug", "info", "warn", "error"));
        root.Options.Add(Create(Format, "FORMAT", "How each entry is logged, on one line", "text", "text", "json"));
    }

    internal static bool IsDebug(ParseResult parsed) => LevelOf(parsed.GetValue<string>(Level)) <= LogLevel.Debug;

    private static LogLevel LevelOf(string? name) => name switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };

    private static Option<string> Create(string name, string valueName, string description, string ifMissing, params string[] values)
    {
        var option = new Option<string>(name)
        {
            Description = $"{description}: {string.Join(", ", values)}",
            HelpName = valueName,
            Recursive = true,
            Arity = ArgumentArity.ExactlyOne,
            DefaultValueFactory = _ => ifMissing,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [.., { Value: string text }]) return;
            if (!values.Contains(text, StringComparer.Ordinal)) result.AddError($"{name} {text}: must be one of {string.Join(", ", values)}");
        });
        return option;
    }
}
