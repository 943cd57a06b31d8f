using System.Globalization;

namespace Ptth.Tests.Support;

/// <summary>A control group of the kernel's that bounds the memory of what is started in it (cgroups(7)), swap included where that is counted.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly DirectoryInfo _folder;

    private MemoryGroup(DirectoryInfo folder) => _folder = folder;

    /// <summary>The file into which a process writes its ID to be in it.</summary>
    public string ProcessesFile => Path.Combine(_folder.FullName, "cgroup.procs");

    /// <summary>Makes one; null where the system has none for this user.</summary>
    public static MemoryGroup? TryMake(long bytes)
    {
        // Version 1 has a folder for each kind of resource, version 2 files that say which it has.
        string[][] versions = [["memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"], ["", "memory.max", "memory.swap.max"]];
        foreach (string[] files in versions)
        {
            DirectoryInfo? folder = null;
            try
            {
                folder = Directory.CreateDirectory(Path.Combine(Root, files[0], $"ptth-test-{Environment.ProcessId}"));
                string limit = Path.Combine(folder.FullName, files[1]), swap = Path.Combine(folder.FullName, files[2]);
                if (!File.Exists(limit)) throw new FileNotFoundException(limit);
                File.WriteAllText(limit, bytes.ToString(CultureInfo.InvariantCulture));
                if (File.Exists(swap)) File.WriteAllText(swap, files[0].Length > 0 ? bytes.ToString(CultureInfo.InvariantCulture) : "0");
                return new MemoryGroup(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (folder is { Exists: true }) Remove(folder);
            }
        }

        return null;
    }

    /// <summary>What starts a program in it: a program and its arguments.</summary>
    public (string File, string[] Arguments) Wrap(string file, IEnumerable<string> arguments) =>
        ("sh", ["-c", "echo $$ >\"$0\" && exec \"$@\"", ProcessesFile, file, .. arguments]);

    /// <summary>Removes it; what was in it has to have ended.</summary>
    public void Dispose() => Remove(_folder);

    private static void Remove(DirectoryInfo folder)
    {
        // Its files are the kernel's, and go with it.
        try
        {
            folder.Delete();
        }
        catch (IOException)
        {
            // In the root of a read-only hierarchy nothing was made.
        }
    }
}
