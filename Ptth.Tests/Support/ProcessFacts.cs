using System.Globalization;

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

    /// <summary>Its resident size in KiB.</summary>
    public static long ResidentKiB(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>How large the kernel lets a TCP connection's buffer grow (tcp(7)), bytes.</summary>
    /// <param name="name"><c>tcp_rmem</c> or <c>tcp_wmem</c>.</param>
    public static long MaxTcpBuffer(string name) =>
        long.Parse(File.ReadAllText($"/proc/sys/net/ipv4/{name}").Split('\t', ' ')[2], CultureInfo.InvariantCulture);

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
