using System.Runtime.InteropServices;

namespace Ptth.Http.Flow;

/// <summary>The Linux calls that move bytes between sockets and pipes within the kernel: splice(2) and pipe(2).</summary>
internal static unsafe partial class LinuxSplice
{
    /// <summary>The call would have to wait (EAGAIN), as both the sockets and the pipes are non-blocking.</summary>
    public const int WouldBlock = -1;

    private const int NonBlockingPipe = 0x800 | 0x80000; // O_NONBLOCK | O_CLOEXEC
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ
    private const uint MoveNonBlocking = 0x01 | 0x02; // SPLICE_F_MOVE | SPLICE_F_NONBLOCK
    private const int BadDescriptor = 9; // EBADF
    private const int Again = 11; // EAGAIN
    private const int Interrupted = 4; // EINTR

    /// <summary>Whether the kernel has the call and lets this process use it: some sandboxes do not.</summary>
    // Of no descriptor at all it says EBADF; a kernel without the call ENOSYS, a filter (seccomp(2)) mostly EPERM.
    public static bool IsAvailable() => SpliceNothing(-1, 0, -1, 0, 1, MoveNonBlocking) < 0 && Marshal.GetLastPInvokeError() == BadDescriptor;

    /// <summary>Makes a pipe and asks for that capacity, bytes; false where the system has none left. It may give less capacity.</summary>
    public static bool TryMakePipe(int wantedBytes, out int readEnd, out int writeEnd, out int capacityBytes)
    {
        int* ends = stackalloc int[2];
        if (Pipe2(ends, NonBlockingPipe) != 0)
        {
            readEnd = writeEnd = capacityBytes = -1;
            return false;
        }

        readEnd = ends[0];
        writeEnd = ends[1];
        capacityBytes = Fcntl(writeEnd, SetPipeSize, wantedBytes);
        return true;
    }

    /// <summary>Closes a pipe's end.</summary>
    public static void CloseEnd(int end) => _ = Close(end);

    /// <summary>Moves bytes from a socket into a pipe; 0 at the end of the stream, <see cref="WouldBlock"/> where there is nothing or no room.</summary>
    public static int FromSocket(SafeHandle socket, int pipe, int maxBytes)
    {
        nint moved;
        do
        {
            moved = SpliceIn(socket, 0, pipe, 0, (nuint)maxBytes, MoveNonBlocking);
        }
        while (moved < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return Result(moved);
    }

    /// <summary>Moves bytes from a pipe to a socket; <see cref="WouldBlock"/> where the socket takes none.</summary>
    public static int ToSocket(int pipe, SafeHandle socket, int maxBytes)
    {
        nint moved;
        do
        {
            moved = SpliceOut(pipe, 0, socket, 0, (nuint)maxBytes, MoveNonBlocking);
        }
        while (moved < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return Result(moved);
    }

    /// <summary>Takes bytes out of a pipe.</summary>
    public static int FromPipe(int pipe, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            nint taken;
            do
            {
                taken = Read(pipe, start, (nuint)destination.Length);
            }
            while (taken < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return Result(taken);
        }
    }

    private static int Result(nint result)
    {
        if (result >= 0) return (int)result;
        int error = Marshal.GetLastPInvokeError();
        return error == Again ? WouldBlock : throw new IOException($"The connection failed (errno {error}).");
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    private static partial nint SpliceNothing(int from, nint fromOffset, int to, nint toOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    private static partial nint SpliceIn(SafeHandle from, nint fromOffset, int to, nint toOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    private static partial nint SpliceOut(int from, nint fromOffset, SafeHandle to, nint toOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint length);
}
