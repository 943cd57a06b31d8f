using System.Text.Json;

namespace Ptth.Relay.Statistics;

/// <summary>The names of an enum's values as they stand in status and metrics: <c>nobody_listening</c>.</summary>
internal static class SnakeCase<T>
    where T : struct, Enum
{
    private static readonly string[] Names = [.. Enum.GetValues<T>().Select(static value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()))];

    /// <summary>The names, in the order of the values, which count from 0.</summary>
    public static IReadOnlyList<string> All => Names;
}
