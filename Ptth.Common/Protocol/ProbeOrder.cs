using System.Globalization;

namespace Ptth.Common.Protocol;

/// <summary>
/// What a <c>probe/download</c> asks for, in <see cref="PtthHeaders.Probe"/>: a list of words with commas between, of which those that are not
/// known are passed over. The answer is <see cref="FirstBytes"/> at once, a pause, and the rest. Where it is bare, it does without what keeps some
/// intermediaries from holding it back: X-Accel-Buffering, and that chunks are sent whole. Then the first bytes come in two parts, the second
/// after <see cref="BarePause"/>, of a chunk that is complete with half as many more behind the pause. Where it breaks, it is broken off in place
/// of the rest; a relay that does not know the word sends that.
/// </summary>
/// <param name="Pause">The pause, at most <see cref="MaxPause"/>.</param>
/// <param name="Bytes">The rest, at most <see cref="MaxBytes"/>; less comes where it takes longer than <see cref="MaxTime"/>.</param>
/// <param name="IsBare">Whether the answer is to be bare.</param>
/// <param name="Breaks">Whether it is to be broken off.</param>
public readonly record struct ProbeOrder(TimeSpan Pause, long Bytes, bool IsBare, bool Breaks = false)
{
    /// <summary>How many bytes come before the pause.</summary>
    public const int FirstBytes = 64;

    /// <summary>The most bytes: half a second of 1 Gbit/s.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    private const string PauseWord = "pause";
    private const string BytesWord = "bytes";
    private const string BareWord = "bare";
    private const string BreakWord = "break";

    // All that fits into a number of 31 bits.
    private const int MaxDigits = 9;

    /// <summary>The longest pause: more than intermediaries that cut idle streams are set to.</summary>
    public static TimeSpan MaxPause { get; } = TimeSpan.FromSeconds(300);

    /// <summary>What keeps the two parts of a bare answer's first bytes apart.</summary>
    public static TimeSpan BarePause { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the bytes after the pause may take.</summary>
    public static TimeSpan MaxTime { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The words to say.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture, $"{PauseWord}={(long)Pause.TotalMilliseconds}, {BytesWord}={Bytes}{(IsBare ? $", {BareWord}" : "")}{(Breaks ? $", {BreakWord}" : "")}");

    /// <summary>What is asked for, within the bounds; nothing where it cannot be read.</summary>
    /// <param name="said">The field's value.</param>
    public static ProbeOrder Read(ReadOnlySpan<byte> said)
    {
        var order = new ProbeOrder();
        foreach (Range range in said.Split((byte)','))
        {
            ReadOnlySpan<byte> word = said[range].Trim(" \t"u8);
            if (word.SequenceEqual("bare"u8)) order = order with { IsBare = true };
            else if (word.SequenceEqual("break"u8)) order = order with { Breaks = true };
            else if (TryReadNumber(word, "pause="u8, out int pause)) order = order with { Pause = Least(TimeSpan.FromMilliseconds(pause), MaxPause) };
            else if (TryReadNumber(word, "bytes="u8, out int bytes)) order = order with { Bytes = Math.Min(bytes, MaxBytes) };
        }

        return order;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static bool TryReadNumber(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name, out int number)
    {
        number = 0;
        if (!word.StartsWith(name)) return false;
        // Digits alone: the framework's parser takes signs.
        ReadOnlySpan<byte> digits = word[name.Length..];
        if (digits.Length is 0 or > MaxDigits || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        foreach (byte digit in digits) number = (number * 10) + digit - '0';
        return true;
    }
}
