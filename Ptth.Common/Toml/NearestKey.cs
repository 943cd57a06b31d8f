namespace Ptth.Common.Toml;

/// <summary>Finds what a mistyped key was meant to be.</summary>
internal static class NearestKey
{
    /// <summary>The nearest of the known keys where one is near, else all of them.</summary>
    public static string Hint(string key, IReadOnlyCollection<string> known)
    {
        string? nearest = known.MinBy(candidate => Distance(key, candidate));
        // Up to half may be wrong, as where two letters of a short key changed places: further away the guess would mislead.
        if (nearest is not null && Distance(key, nearest) <= Math.Max(1, Math.Max(key.Length, nearest.Length) / 2))
            return $"did you mean \"{nearest}\"?";
        return "known here are " + string.Join(", ", known);
    }

    // How many letters to insert, to leave out or to change (Levenshtein).
    private static int Distance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
