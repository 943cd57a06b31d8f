using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>
/// A lock on a socket itself (fcntl(2), F_SETLK), between processes that share it. The system takes it back when its holder closes the
/// socket or ends, however it ends, and nobody without the socket can hold it.
/// </summary>
public static partial class SocketLock
{
    private const int SetLock = 6;
    private const short WriteLock = 1;
    private const int TryAgain = 11;
    private const int AccessDenied = 13;

    /// <summary>
    /// Takes it for this process, for as long as that has the socket open; asking again does no harm. False where another process has it.
    /// Where the system knows no such locks everybody gets it.
    /// </summary>
    public static bool TryTake(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return true;
        var whole = new FileLock { Type = WriteLock };
        return Lock((int)socket.Handle, SetLock, in whole) == 0 || Marshal.GetLastPInvokeError() is not (TryAgain or AccessDenied);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Lock(int descriptor, int command, in FileLock fileLock);

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
