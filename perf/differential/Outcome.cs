using System.Globalization;
using System.Text.RegularExpressions;

namespace Ptth.Differential;

/// <summary>What somebody made of a case: the statuses of the answers, how long each found the body, and what became of the connection.</summary>
/// <param name="Answers">For each answer its status and, where the answer tells, the body's length.</param>
/// <param name="IsClosed">Whether the connection was closed.</param>
internal sealed partial record Outcome(IReadOnlyList<(int Status, string Body)> Answers, bool IsClosed)
{
    // What says that the request was not understood, or is not going to be. Others are answers to a request that was.
    private static readonly int[] Refusals = [400, 405, 411, 413, 414, 417, 421, 422, 431, 500, 501, 505];

    /// <summary>Whether the request was refused: by an answer that says so, or by closing without one.</summary>
    public bool IsRefused => Answers.Count == 0 ? IsClosed : Refusals.Contains(Answers[0].Status);

    /// <summary>In a few characters: <c>200/5 200/0 kept</c>.</summary>
    public override string ToString()
    {
        string answers = string.Join(' ', Answers.Select(static answer => answer.Status.ToString(CultureInfo.InvariantCulture) + (answer.Body.Length > 0 ? "/" + answer.Body : "")));
        string end = IsClosed ? "closed" : Answers.Count == 0 ? "waits" : "kept";
        return answers.Length == 0 ? end : $"{answers} {end}";
    }

    /// <summary>What all that came in says. Interim answers do not count.</summary>
    public static Outcome Read(string text, bool isClosed) => new(
        [.. Head().Matches(text).Where(static head => head.Groups[1].Value[0] != '1')
            .Select(static head => (int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture), BodyLength().Match(head.Value) is { Success: true } body ? body.Groups[1].Value : ""))],
        isClosed);

    [GeneratedRegex(@"HTTP/1\.[01] ([1-5][0-9]{2})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")]
    private static partial Regex Head();

    [GeneratedRegex("^X-Body: ([0-9]+)\r$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex BodyLength();
}
