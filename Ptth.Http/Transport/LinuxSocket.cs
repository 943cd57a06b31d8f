using System.Runtime.InteropServices;

namespace Ptth.Http.Transport;

/// <summary>send(2) and recv(2) of Linux, with flags that the framework does not pass on, and without an operation object for each call.</summary>
internal static unsafe partial class LinuxSocket
{
    /// <summary>The call would have to wait (EAGAIN).</summary>
    public const int WouldBlock = ByteChannel.NothingReady;

    private const int Peeking = 0x02; // MSG_PEEK
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int More = 0x8000; // MSG_MORE
    private const int Again = 11; // EAGAIN
    private const int Interrupted = 4; // EINTR

    /// <summary>Sends what the socket takes at once, perhaps a part; <see cref="WouldBlock"/> where it takes none.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">Not empty.</param>
    /// <param name="isMoreComing">Whether others follow at once, so that these need make no packet of their own.</param>
    /// <exception cref="IOException">The connection has failed.</exception>
    public static int TrySend(SafeHandle socket, ReadOnlySpan<byte> bytes, bool isMoreComing = false)
    {
        fixed (byte* start = bytes)
        {
            nint sent;
            do
            {
                sent = Send(socket, start, (nuint)bytes.Length, DontWait | NoSignal | (isMoreComing ? More : 0));
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return Result(sent);
        }
    }

    /// <summary>Receives what is there; 0 at the end of the stream, <see cref="WouldBlock"/> where there is nothing.</summary>
    /// <exception cref="IOException">The connection has failed.</exception>
    public static int TryReceive(SafeHandle socket, Span<byte> destination) => Receive(socket, destination, DontWait);

    /// <summary>
    /// Copies bytes that stay to be received; 0 at the end of the stream, <see cref="WouldBlock"/> where there is nothing.
    /// </summary>
    /// <exception cref="IOException">The connection has failed.</exception>
    public static int Peek(SafeHandle socket, Span<byte> destination) => Receive(socket, destination, DontWait | Peeking);

    private static int Receive(SafeHandle socket, Span<byte> destination, int flags)
    {
        fixed (byte* start = destination)
        {
            nint received;
            do
            {
                received = Receive(socket, start, (nuint)destination.Length, flags);
            }
            while (received < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return Result(received);
        }
    }

    private static int Result(nint result)
    {
        if (result >= 0) return (int)result;
        int error = Marshal.GetLastPInvokeError();
        return error == Again ? WouldBlock : throw new IOException($"The connection failed (errno {error}).");
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, byte* buffer, nuint length, int flags);
}
