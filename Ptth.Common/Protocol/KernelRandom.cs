using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ptth.Common.Protocol;

/// <summary>
/// Random bytes that nobody can guess, from the kernel itself, getrandom(2). .NET's generator loads OpenSSL on Linux: 4 MB resident that a
/// program without TLS has no other use for. The one behind GUIDs needs /dev, which a root directory of its own may lack.
/// </summary>
internal static partial class KernelRandom
{
    private const int Interrupted = 4; // EINTR

    /// <summary>Fills all of it. It waits for the kernel's generator where a system that has just started has not got it ready yet.</summary>
    public static void Fill(Span<byte> bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            while (!bytes.IsEmpty)
            {
                nint filled = GetRandom(ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, 0);
                if (filled > 0) bytes = bytes[(int)filled..];
                else if (Marshal.GetLastPInvokeError() != Interrupted) break;
            }
        }

        // Another system, or a filter of system calls that does not know this one.
        if (!bytes.IsEmpty) RandomNumberGenerator.Fill(bytes);
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(ref byte buffer, nuint length, uint flags);
}
