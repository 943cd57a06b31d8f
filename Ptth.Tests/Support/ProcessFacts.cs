using System.Globalization;
using System.Net;

namespace Ptth.Tests.Support;

/// <summary>What the kernel tells about a running process, and about itself (proc(5)).</summary>
internal static class ProcessFacts
{
    /// <summary>How many sockets the process has open.</summary>
    public static int Sockets(int processId)
    {
        var count = 0;
        foreach (var entry in new DirectoryInfo($"/proc/{processId}/fd").EnumerateFileSystemInfos())
        {
            // An entry may go away between being listed and being read.
            if (TryReadLink(entry)?.StartsWith("socket:", StringComparison.Ordinal) == true)
                count++;
        }

        return count;
    }

    /// <summary>
    /// How many connections on loopback have led to a listening port within the last minute: those that are open, and those that the
    /// kernel still remembers after their end (TIME_WAIT).
    /// </summary>
    public static int ConnectionsLedTo(IPEndPoint listener)
    {
        // "sl local_address rem_address st ...", each address as hex ADDRESS:PORT; 0A is LISTEN.
        var local = $":{listener.Port:X4}";
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(fields => fields[3] == "0A" ? [] : fields[1].EndsWith(local, StringComparison.Ordinal) ? [fields[2]]
                : fields[2].EndsWith(local, StringComparison.Ordinal) ? [fields[1]] : Array.Empty<string>())
            .Distinct()
            .Count();
    }

    /// <summary>Its resident size in KiB.</summary>
    public static long ResidentKiB(int processId) => KiBOf(processId, "VmRSS:");

    /// <summary>The largest resident size that it has had, in KiB.</summary>
    public static long PeakResidentKiB(int processId) => KiBOf(processId, "VmHWM:");

    /// <summary>Whether a file with that in its name, such as a library, is mapped into its memory.</summary>
    public static bool HasMapped(int processId, string name) =>
        File.ReadLines($"/proc/{processId}/maps").Any(line => line.Contains(name, StringComparison.Ordinal));

    /// <summary>How large the kernel lets a TCP connection's buffer grow (tcp(7)), bytes.</summary>
    /// <param name="name"><c>tcp_rmem</c> or <c>tcp_wmem</c>.</param>
    public static long MaxTcpBuffer(string name) =>
        long.Parse(File.ReadAllText($"/proc/sys/net/ipv4/{name}").Split('\t', ' ')[2], CultureInfo.InvariantCulture);

    private static long KiBOf(int processId, string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static string? TryReadLink(FileSystemInfo entry)
    {
        try
        {
            return entry.LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
