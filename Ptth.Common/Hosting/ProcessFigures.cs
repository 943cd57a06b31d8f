using System.Globalization;

namespace Ptth.Common.Hosting;

/// <summary>What this process takes of the machine, as the kernel tells it.</summary>
/// <param name="ResidentBytes">Memory that it has.</param>
/// <param name="VirtualBytes">Addresses that it has taken.</param>
/// <param name="OpenFiles">Files and sockets that are open.</param>
/// <param name="MaxFiles">How many may be.</param>
/// <param name="StartSeconds">When it began, seconds since 1970.</param>
public readonly record struct ProcessFigures(long ResidentBytes, long VirtualBytes, int OpenFiles, ulong MaxFiles, double StartSeconds)
{
    // proc(5): fields of /proc/self/stat behind the name, which may have blanks and ends with the last parenthesis.
    private const int StartTicksAt = 19;
    private const int VirtualBytesAt = 20;
    private const int ResidentPagesAt = 21;

    // USER_HZ, the same on all of Linux's processors that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Processor time so far, seconds, of both kinds.</summary>
    public static double CpuSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Reads them; null where this is not Linux, or where /proc is hidden.</summary>
    public static ProcessFigures? Read()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double uptime = Number(File.ReadAllText("/proc/uptime").Split(' ')[0]);
            double age = uptime - (Number(fields[StartTicksAt]) / TicksPerSecond);
            return new ProcessFigures(
                (long)Number(fields[ResidentPagesAt]) * Environment.SystemPageSize,
                (long)Number(fields[VirtualBytesAt]),
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(),
                OpenFileLimit.Current,
                Math.Round((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds - age, 2));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
}
