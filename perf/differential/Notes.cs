namespace Ptth.Differential;

/// <summary>Sentences for the cases that the relay takes and another refuses: a line <c>TITLE | SENTENCE</c> each.</summary>
internal static class Notes
{
    /// <summary>By the cases' titles.</summary>
    public static IReadOnlyDictionary<string, string> Load(string path) => File.ReadLines(path)
        .Where(static line => line.Length > 0 && line[0] != '#')
        .Select(static line => line.Split(" | ", 2))
        .ToDictionary(static parts => parts[0], static parts => parts[1]);
}
