using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ptth.Common.Toml;

namespace Ptth.Common.Cli;

/// <summary>Makes options whose values are checked while the command line is parsed, with the same texts as in the configuration.</summary>
public static class Options
{
    private const int MaxDrainSeconds = 86_400;

    /// <summary>An option that may be given several times.</summary>
    public static Option<T[]> Repeated<T>(string name, string valueName, string description, TextParser<T> parser, string expected) where T : class =>
        new(name)
        {
            Description = description + "; may be repeated",
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token.Value, parser, expected)!)],
            DefaultValueFactory = _ => [],
        };

    /// <summary>A path that is taken as it is.</summary>
    public static Option<string?> Path(string name, string description, bool required = false) =>
        new(name) { Description = description, HelpName = "FILE", Required = required, Arity = ArgumentArity.ExactlyOne };

    /// <summary>A whole number in a range.</summary>
    public static Option<int?> Number(string name, string valueName, string description, int min, int max) =>
        new(name)
        {
            Description = description,
            HelpName = valueName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
                    return number;
                result.AddError($"{name} {text}: must be a whole number from {min} to {max}");
                return null;
            },
        };

    /// <summary><c>--drain SECONDS</c>: how long open tunnels may go on after the first signal.</summary>
    public static Option<int?> Drain() =>
        Number("--drain", "SECONDS", "How long open tunnels may finish after the first SIGTERM or SIGINT [default: 10]", 0, MaxDrainSeconds);

    /// <summary>The value of <see cref="Drain"/>, 10 s where it is not given.</summary>
    public static TimeSpan DrainOf(ParseResult parsed, Option<int?> drain) => TimeSpan.FromSeconds(parsed.GetValue(drain) ?? 10);

    private static T? Parse<T>(ArgumentResult result, string text, TextParser<T> parser, string expected) where T : class
    {
        if (parser(text, out T? value)) return value;
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text}: {expected}");
        return null;
    }
}
