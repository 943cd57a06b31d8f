using Microsoft.Win32.SafeHandles;

namespace Ptth.Common.Hosting;

/// <summary>Who can read a file. A secret that others can read is refused, as ssh refuses such a key.</summary>
public static class FilePermissions
{
    private const UnixFileMode ReadByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Null where the owner alone can read the file, or where the system has no such permissions; else what is wrong and the command that mends it.</summary>
    public static string? ProblemOf(string path) => OperatingSystem.IsWindows() ? null : ProblemOf(File.GetUnixFileMode(path), path);

    /// <summary>The same for an open file.</summary>
    internal static string? ProblemOf(SafeFileHandle handle, string path) =>
        OperatingSystem.IsWindows() ? null : ProblemOf(File.GetUnixFileMode(handle), path);

    private static string? ProblemOf(UnixFileMode mode, string path) =>
        (mode & ReadByOthers) == 0 ? null : $"can be read by others; run: chmod 600 {ShellWord(path)}";

    // So that the command can be pasted whatever the path.
    private static string ShellWord(string path)
    {
        bool plain = path.Length > 0 && path[0] != '-' && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-');
        return plain ? path : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
