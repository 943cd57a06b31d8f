using System.Globalization;

namespace Ptth.Load;

/// <summary>What a process holds, as /proc tells it. Linux only.</summary>
/// <param name="Sockets">Open sockets.</param>
/// <param name="Pipes">Ends of pipes.</param>
/// <param name="OtherFiles">All other open files.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ResidentKb">Resident size in KB of 1,024 bytes.</param>
internal sealed record ProcessFacts(int Sockets, int Pipes, int OtherFiles, int Threads, long ResidentKb)
{
    /// <summary>Reads them now.</summary>
    public static ProcessFacts Read(int id)
    {
        int sockets = 0, pipes = 0, others = 0;
        foreach (FileSystemInfo entry in new DirectoryInfo($"/proc/{id}/fd").EnumerateFileSystemInfos())
        {
            string target;
            try
            {
                target = entry.LinkTarget ?? "";
            }
            catch (IOException)
            {
                // It was closed in between.
                continue;
            }

            if (target.StartsWith("socket:", StringComparison.Ordinal)) sockets++;
            else if (target.StartsWith("pipe:", StringComparison.Ordinal)) pipes++;
            else others++;
        }

        return new ProcessFacts(sockets, pipes, others, Directory.GetDirectories($"/proc/{id}/task").Length, ReadResidentKb(id));
    }

    /// <summary>The resident size alone.</summary>
    public static long ReadResidentKb(int id)
    {
        // Not VmRSS: the kernel keeps that one per CPU and is late in summing it up.
        string line = File.ReadLines($"/proc/{id}/smaps_rollup").First(static line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
