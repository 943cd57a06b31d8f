using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>The C library's heap: OpenSSL's memory lies there.</summary>
internal static unsafe class NativeHeap
{
    // Of glibc alone, so it is looked up rather than linked against.
    private static readonly delegate* unmanaged<nuint, int> GlibcTrim =
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim)
            ? (delegate* unmanaged<nuint, int>)trim
            : null;

    /// <summary>Gives what is free back to the system, where the library can: it keeps it by itself for each thread (malloc_trim(3)).</summary>
    public static void Trim()
    {
        if (GlibcTrim is not null) GlibcTrim(0);
    }
}
