namespace Ptth.Http.Core;

/// <summary>What each violation means to the peer: status and words, in one place.</summary>
public static class HttpViolations
{
    /// <summary>The status that answers the violation: 400, 413, 414, 431, 501 or 505.</summary>
    public static int StatusOf(HttpViolation violation) => throw new NotImplementedException();

    /// <summary>One English sentence that says what was wrong and what would be right.</summary>
    public static string DescriptionOf(HttpViolation violation) => throw new NotImplementedException();
}
