using System.Globalization;

namespace Ptth.Common.Text;

/// <summary>Numbers for people: three digits or so, with a unit. ASCII, and short enough for a column of 8.</summary>
public static class Readable
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Bytes, in powers of 1000: <c>0 B</c>, <c>999 B</c>, <c>1.2 kB</c>, <c>34 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        // What would be rounded up to four digits belongs to the next unit.
        while (bytes >= 999.5 && unit < ByteUnits.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        // Cut to what is shown, so that 9.96 becomes 10 rather than 10.0.
        string format = unit == 0 || bytes >= 9.95 ? "0" : "0.0";
        return $"{bytes.ToString(format, CultureInfo.InvariantCulture)} {ByteUnits[unit]}";
    }

    /// <summary>Bytes a second.</summary>
    public static string Rate(double bytesPerSecond) => Bytes(bytesPerSecond) + "/s";

    /// <summary>A time span in its largest unit, whole ones: <c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>40 d</c>.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => Whole(span.TotalSeconds, "s"),
        { TotalMinutes: < 60 } => Whole(span.TotalMinutes, "min"),
        { TotalHours: < 48 } => Whole(span.TotalHours, "h"),
        _ => Whole(span.TotalDays, "d"),
    };

    /// <summary>A number with the noun that it counts: <c>1 tunnel</c>, <c>2 tunnels</c>.</summary>
    public static string Count(long number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");

    private static string Whole(double number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Max(0, number)):0} {unit}");
}
