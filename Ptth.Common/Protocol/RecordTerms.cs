using System.Globalization;

namespace Ptth.Common.Protocol;

/// <summary>
/// What the two proxies of a tunnel say to each other about records, in <see cref="PtthHeaders.Offer"/> and
/// <see cref="PtthHeaders.Agreed"/>: a list of words with commas between, of which these know one, <c>records</c>, or
/// <c>records=SECONDS</c> with the longest time without a byte that is asked for.
/// </summary>
public static class RecordTerms
{
    /// <summary>The longest time that can be asked for, seconds: intermediaries that cut idle streams do not wait longer.</summary>
    public const int MaxSeconds = 3600;

    private const string Word = "records";

    private static ReadOnlySpan<byte> WordBytes => "records"u8;

    /// <summary>The word to say.</summary>
    /// <param name="seconds">What is asked for or agreed on; 0 where records are only borne.</param>
    public static string Describe(int seconds) => seconds == 0 ? Word : string.Create(CultureInfo.InvariantCulture, $"{Word}={seconds}");

    /// <summary>What a party says about records; words that are not known are passed over.</summary>
    /// <param name="said">The field's value.</param>
    /// <returns>The seconds, 0 where it asks for none that can be understood; null where it says nothing about records.</returns>
    public static int? Find(ReadOnlySpan<byte> said)
    {
        foreach (Range range in said.Split((byte)','))
        {
            ReadOnlySpan<byte> word = said[range].Trim(" \t"u8);
            if (!word.StartsWith(WordBytes)) continue;
            word = word[WordBytes.Length..];
            if (word.IsEmpty) return 0;
            if (word[0] == '=') return Seconds(word[1..]);
        }

        return null;
    }

    /// <summary>What a server agrees to: the shorter of what the two ask for.</summary>
    /// <param name="offered">What the client's offer says about records.</param>
    /// <param name="own">What the server asks for, seconds; 0 for nothing.</param>
    /// <returns>Null where there are to be no records.</returns>
    public static int? Agree(int? offered, int own) => offered switch
    {
        null => null,
        0 => own == 0 ? null : own,
        { } seconds => own == 0 ? seconds : Math.Min(seconds, own),
    };

    private static int Seconds(ReadOnlySpan<byte> digits)
    {
        // Digits alone: the framework's parser takes signs.
        if (digits.Length is 0 or > 4 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return 0;
        int seconds = 0;
        foreach (byte digit in digits) seconds = (seconds * 10) + digit - '0';
        return seconds <= MaxSeconds ? seconds : 0;
    }
}
