using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Ptth.Common.Protocol;

/// <summary>
/// A party's secret: <c>ptth_</c> and 256 random bits in base64url. The prefix lets people and secret scanners see what it is.
/// It never prints itself: <see cref="Reveal"/> is the one way to its text.
/// </summary>
public sealed class PtthKey
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "ptth_";

    /// <summary>A key's length, characters.</summary>
    public const int Length = 48;

    /// <summary>What a key must be, for error texts.</summary>
    public const string Expected = "must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it";

    private const int RandomBytes = 32;

    // A key that was cut, or has grown, still says most of what it would say; words that begin with the prefix are shorter.
    private const int LeastSecretLength = 32;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly string _text;

    private PtthKey(string text) => _text = text;

    /// <summary>A new key from the system's generator.</summary>
    public static PtthKey Generate()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        KernelRandom.Fill(random);
        return new PtthKey(Prefix + Base64Url.EncodeToString(random));
    }

    /// <summary>The key in <paramref name="text"/>, which must be a key and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out PtthKey? key)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        bool valid = text.StartsWith(Prefix, StringComparison.Ordinal) && Base64UrlText.TryDecode(text[Prefix.Length..], random);
        CryptographicOperations.ZeroMemory(random);
        key = valid ? new PtthKey(text.ToString()) : null;
        return valid;
    }

    /// <summary>A text for people in which whatever looks like a key is cut to its prefix.</summary>
    public static string LeaveOut(string text)
    {
        int from = 0;
        while (TryFind(text.AsSpan(from), out int at, out int length))
        {
            text = string.Concat(text.AsSpan(0, from + at), "…", text.AsSpan(from + at + length));
            from += at + 1;
        }

        return text;
    }

    /// <summary>Whether a text has something in it that looks like a key.</summary>
    public static bool IsIn(ReadOnlySpan<char> text) => TryFind(text, out _, out _);

    /// <summary>Finds what stands behind a key's prefix, in whatever case that is written, or percent-encoded.</summary>
    private static bool TryFind(ReadOnlySpan<char> text, out int at, out int length)
    {
        for (at = 0; ; at += "ptth".Length)
        {
            length = 0;
            int found = text[at..].IndexOf("ptth", StringComparison.OrdinalIgnoreCase);
            if (found < 0) return false;
            at += found;
            ReadOnlySpan<char> behind = text[(at + "ptth".Length)..];
            int separator = behind.StartsWith("_") ? 1 : behind.StartsWith("%5F", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
            if (separator == 0) continue;
            length = behind[separator..].IndexOfAnyExcept(KeyCharacters);
            if (length < 0) length = behind.Length - separator;
            if (length < LeastSecretLength) continue;
            at += "ptth".Length + separator;
            return true;
        }
    }

    /// <summary>The key's text: for the Authorization field and for whoever asked for a new key.</summary>
    public string Reveal() => _text;

    /// <summary>What a relay keeps of the key.</summary>
    public KeyHash Hash()
    {
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(_text, ascii);
        return KeyHash.OfKeyText(ascii);
    }

    /// <summary>A text without the secret, so that no log line can carry it by accident.</summary>
    public override string ToString() => Prefix + "…";
}
