using Microsoft.Win32.SafeHandles;

namespace Ptth.Common.Hosting;

/// <summary>Who can read a file. A secret that others can read is refused, as ssh refuses such a key.</summary>
public static class FilePermissions
{
    /// <summary>Where systemd puts the credentials of a unit (LoadCredential= of systemd.exec(5)).</summary>
    private const string CredentialsVariable = "CREDENTIALS_DIRECTORY";

    private const UnixFileMode ReadByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Null where the owner alone can read the file, or where the system has no such permissions; else what is wrong and the command that mends it.</summary>
    public static string? ProblemOf(string path) => OperatingSystem.IsWindows() ? null : ProblemOf(File.GetUnixFileMode(path), path);

    /// <summary>The same for an open file.</summary>
    internal static string? ProblemOf(SafeFileHandle handle, string path) =>
        OperatingSystem.IsWindows() ? null : ProblemOf(File.GetUnixFileMode(handle), path);

    /// <summary>The same for a mode; <paramref name="credentials"/> is systemd's folder of credentials, null without one.</summary>
    internal static string? ProblemOf(UnixFileMode mode, string path, string? credentials)
    {
        // A credential belongs to root, and an access control list lets the unit's user read it: the group's bits are that list's mask
        // then (acl(5)), and say nothing of a group.
        UnixFileMode others = IsIn(credentials, path) ? UnixFileMode.OtherRead : ReadByOthers;
        return (mode & others) == 0 ? null : $"can be read by others; run: chmod 600 {ShellWord(path)}";
    }

    private static string? ProblemOf(UnixFileMode mode, string path) =>
        ProblemOf(mode, path, Environment.GetEnvironmentVariable(CredentialsVariable));

    private static bool IsIn(string? folder, string path) =>
        !string.IsNullOrEmpty(folder) && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(folder);

    // So that the command can be pasted whatever the path.
    private static string ShellWord(string path)
    {
        bool plain = path.Length > 0 && path[0] != '-' && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-');
        return plain ? path : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
