using System.Text;
using Ptth.Http.Core;

namespace Ptth.Relay;

/// <summary>Reads how long a party would like to wait: <c>Prefer: wait=SECONDS</c> (RFC 7240 section 4.3).</summary>
internal static class PreferredWait
{
    /// <summary>Longer than any bound, and ten times of it can still be counted.</summary>
    private const int MostSeconds = 100_000_000;

    /// <summary>The first wait that is asked for, within the bounds; the default where there is none that can be read.</summary>
    public static TimeSpan Of(FieldList fields, TimeSpan defaultWait, TimeSpan least, TimeSpan most)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (!Ascii.EqualsIgnoreCase(fields.NameAt(i), "Prefer"u8)) continue;
            ReadOnlySpan<byte> list = fields.ValueAt(i);
            foreach (Range element in list.Split((byte)','))
            {
                if (TryReadWait(list[element], out int seconds)) return Clamp(TimeSpan.FromSeconds(seconds), least, most);
            }
        }

        return defaultWait;
    }

    private static bool TryReadWait(ReadOnlySpan<byte> preference, out int seconds)
    {
        seconds = 0;
        int parameters = preference.IndexOf((byte)';');
        if (parameters >= 0) preference = preference[..parameters];
        int equals = preference.IndexOf((byte)'=');
        if (equals < 0 || !Ascii.EqualsIgnoreCase(preference[..equals].Trim(" \t"u8), "wait"u8)) return false;
        ReadOnlySpan<byte> digits = preference[(equals + 1)..].Trim(" \t"u8);
        if (digits.IsEmpty) return false;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            seconds = Math.Min(MostSeconds, (seconds * 10) + (digit - '0'));
        }

        return true;
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
