using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Ptth.Fuzz.Engine;

/// <summary>Inputs and dictionaries as files: each input named by its hash, dictionaries in AFL's notation.</summary>
internal static partial class Corpus
{
    private const int NameBytes = 6;

    /// <summary>All inputs of a folder in the order of their names; none where there is no folder.</summary>
    public static List<byte[]> Load(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];

    /// <summary>Keeps an input; returns its file.</summary>
    public static string Save(string folder, ReadOnlySpan<byte> input)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, NameBytes)));
        File.WriteAllBytes(path, input);
        return path;
    }

    /// <summary>The words of a dictionary: one <c>"word"</c> a line, with <c>\xHH</c>, <c>\\</c> and <c>\"</c>.</summary>
    public static List<byte[]> LoadDictionary(string path) =>
        [.. File.ReadLines(path).Select(static line => Word().Match(line)).Where(static match => match.Success).Select(static match => Unescape(match.Groups[1].Value))];

    private static byte[] Unescape(string word) =>
        Encoding.Latin1.GetBytes(Escape().Replace(word, static escape => escape.Groups[1].Success
            ? ((char)Convert.ToByte(escape.Groups[1].Value, 16)).ToString()
            : escape.Value[1..]));

    [GeneratedRegex("""^\w*"((?:[^"\\]|\\.)+)"$""")]
    private static partial Regex Word();

    [GeneratedRegex(@"\\(?:x([0-9A-Fa-f]{2})|.)")]
    private static partial Regex Escape();
}
