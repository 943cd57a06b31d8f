using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>
/// How many files and sockets this process may hold. Systems give processes a soft limit of 1,024 for the sake of programs that use
/// select(2), and a hard limit far above it; 300 tunnels at a relay take 1,200 sockets.
/// </summary>
public static partial class OpenFileLimit
{
    // RLIMIT_NOFILE of Linux on the processors that .NET runs on.
    private const int LinuxOpenFiles = 7;

    /// <summary>Raises the soft limit to the hard one, as .NET does itself where a program is not compiled ahead of time. Does nothing where that cannot be.</summary>
    public static void Raise()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return;
        if (GetLimit(LinuxOpenFiles, out Limit limit) != 0 || limit.Soft >= limit.Hard) return;
        limit.Soft = limit.Hard;
        // A failure leaves the limit as it was, and the program works within that.
        _ = SetLimit(LinuxOpenFiles, in limit);
    }

    /// <summary>The soft limit now; 0 where it cannot be told.</summary>
    internal static ulong Current => GetLimit(LinuxOpenFiles, out Limit limit) == 0 ? limit.Soft : 0;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
