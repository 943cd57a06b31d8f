using System.Globalization;

namespace Ptth.Common.Protocol;

/// <summary>
/// What the two proxies of a tunnel say to each other about records, in <see cref="PtthHeaders.Offer"/> and
/// <see cref="PtthHeaders.Agreed"/>: a list of words with commas between, of which these know two. <c>records</c> bears records,
/// <c>records=SECONDS</c> asks for them or agrees to them, and <c>ends</c> marks the ends of their streams.
/// </summary>
/// <param name="AreWanted">Whether there are to be records; in an offer that only bears them, not.</param>
/// <param name="Seconds">The longest time without a byte, 1 to <see cref="MaxSeconds"/>; 0 for any.</param>
/// <param name="MarkEnds">Whether the stream's clean end has a mark of its own, or can have.</param>
public readonly record struct RecordTerms(bool AreWanted, int Seconds, bool MarkEnds)
{
    /// <summary>The longest time that can be asked for, seconds: intermediaries that cut idle streams do not wait longer.</summary>
    public const int MaxSeconds = 3600;

    private const string Records = "records";
    private const string Ends = "ends";

    /// <summary>What a word without a time is read as, or with one that cannot be understood.</summary>
    private const int NoTime = -1;

    /// <summary>What a client that knows all of this offers.</summary>
    /// <param name="seconds">The longest time without a byte that it asks for; 0 for any.</param>
    /// <param name="markEnds">Whether it asks for the mark, and so for records even where no time is asked for.</param>
    public static RecordTerms Offer(int seconds, bool markEnds) => new(seconds > 0 || markEnds, seconds, MarkEnds: true);

    /// <summary>The words to say.</summary>
    public string Describe() =>
        (AreWanted ? string.Create(CultureInfo.InvariantCulture, $"{Records}={Seconds}") : Records) + (MarkEnds ? $", {Ends}" : "");

    /// <summary>What a party says about records; words that are not known are passed over.</summary>
    /// <param name="said">The field's value.</param>
    /// <returns>Null where it says nothing about records. A time that cannot be understood asks for nothing.</returns>
    public static RecordTerms? Find(ReadOnlySpan<byte> said)
    {
        int? records = null;
        bool ends = false;
        foreach (Range range in said.Split((byte)','))
        {
            ReadOnlySpan<byte> word = said[range].Trim(" \t"u8);
            ends |= word.SequenceEqual("ends"u8);
            if (records is not null || !word.StartsWith("records"u8)) continue;
            word = word["records"u8.Length..];
            if (word.IsEmpty) records = NoTime;
            else if (word[0] == '=') records = ReadSeconds(word[1..]);
        }

        return records switch
        {
            null => null,
            NoTime => new RecordTerms(false, 0, ends),
            { } seconds => new RecordTerms(true, seconds, ends),
        };
    }

    /// <summary>
    /// What a server agrees to. Either may ask, for a time, of which the shorter one counts, or for marks. Where there are to be records, the
    /// ends are marked if the client can do it.
    /// </summary>
    /// <param name="offered">What the client's offer says about records.</param>
    /// <param name="seconds">The time that the server asks for; 0 for any.</param>
    /// <param name="markEnds">Whether the server asks for marks.</param>
    /// <returns>Null where there are to be no records: nobody asks, or the marks that are asked for cannot be had.</returns>
    public static RecordTerms? Agree(RecordTerms? offered, int seconds, bool markEnds)
    {
        if (offered is not { } client) return null;
        int agreed = seconds == 0 || client.Seconds == 0 ? Math.Max(seconds, client.Seconds) : Math.Min(seconds, client.Seconds);
        bool marksWanted = client.MarkEnds && (markEnds || client.AreWanted);
        return agreed > 0 || marksWanted ? new RecordTerms(true, agreed, client.MarkEnds) : null;
    }

    private static int ReadSeconds(ReadOnlySpan<byte> digits)
    {
        // Digits alone: the framework's parser takes signs.
        if (digits.Length is 0 or > 4 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return NoTime;
        int seconds = 0;
        foreach (byte digit in digits) seconds = (seconds * 10) + digit - '0';
        return seconds <= MaxSeconds ? seconds : NoTime;
    }
}
