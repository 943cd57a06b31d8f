using System.Net;
using Ptth.Common.Net;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Reads lists of addresses and networks.</summary>
internal static class RangeReader
{
    /// <summary>The ranges; none where the key is missing.</summary>
    /// <param name="section">Where the list stands.</param>
    /// <param name="key">Its key.</param>
    /// <param name="remedy">What to do where the list is empty.</param>
    public static IReadOnlyList<IPNetwork> Read(TomlSection section, string key, string remedy)
    {
        if (section.Texts(key) is not { } texts) return [];
        // Whoever comments out the last line of a list does not mean to open the door.
        if (texts.Count == 0) section.Report(key, "is empty: " + remedy);
        var ranges = new List<IPNetwork>(texts.Count);
        foreach (TomlText text in texts)
        {
            if (AddressRange.TryParse(text.Value, out IPNetwork range)) ranges.Add(range);
            else section.Report(text, key, AddressRange.Expected);
        }

        return ranges;
    }
}
