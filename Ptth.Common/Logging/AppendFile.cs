using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ptth.Common.Logging;

/// <summary>Opens files for lines that are added at their end, whoever else adds some or cuts them off meanwhile.</summary>
internal static partial class AppendFile
{
    // Of Linux on the processors that .NET runs on.
    private const int WriteOnly = 0x1, Create = 0x40, NoTerminal = 0x100, Append = 0x400, NonBlocking = 0x800, CloseOnExec = 0x80000;

    /// <summary>For the owner, and to be read by a group: 0640, as other programs make logs that are not everybody's.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Opens a file, unbuffered. Null where that cannot be; then <paramref name="problem"/> says why and what would be right.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Whether it is made where there is none.</param>
    /// <param name="problem">What is wrong, empty where nothing is.</param>
    public static FileStream? Open(string path, bool create, out string problem)
    {
        problem = "";
        try
        {
            return new FileStream(OpenHandle(path, create), FileAccess.Write, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot be written ({ReasonOf(failure)}): name a file in a directory that is there and that the program's user may write to";
            return null;
        }
    }

    /// <summary>Why a file could not be opened or written, in the system's words: the framework's are left out of the executables.</summary>
    public static string ReasonOf(Exception failure) => failure is IOException and { HResult: > 0 and < 4096 }
        ? Marshal.GetPInvokeErrorMessage(failure.HResult)
        : failure.GetType().Name;

    private static SafeFileHandle OpenHandle(string path, bool create)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(path, create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }

        // The framework's own appending writes at offsets that it counts: two processes, as the old and the new one in a restart, would
        // write over each other. Without blocking, so that a pipe that nobody reads does not hold up the start.
        int flags = WriteOnly | NoTerminal | Append | NonBlocking | CloseOnExec | (create ? Create : 0);
        int descriptor = OpenFile(path, flags, (uint)Mode);
        if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);
}
