using Microsoft.Win32.SafeHandles;

namespace Ptth.Common.Hosting;

/// <summary>Reads small files whole: regular ones, and pipes such as a shell's <c>&lt;(command)</c>.</summary>
internal static class BoundedFile
{
    /// <summary>The bytes of a file of at most <paramref name="maxBytes"/>; an <see cref="InvalidDataException"/> for a longer one.</summary>
    public static byte[] Read(string path, int maxBytes)
    {
        using SafeFileHandle handle = Open(path);
        return Read(handle, maxBytes);
    }

    /// <summary>Opens a file for reading, without a lock that would keep an editor from writing it.</summary>
    public static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>The bytes of an open file.</summary>
    public static byte[] Read(SafeFileHandle handle, int maxBytes)
    {
        // Unbuffered; and a stream rather than RandomAccess, which cannot read pipes.
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        byte[] buffer = new byte[Math.Min(maxBytes + 1, 4096)];
        int length = 0;
        while (stream.Read(buffer.AsSpan(length)) is int count and > 0)
        {
            length += count;
            if (length > maxBytes) throw new InvalidDataException();
            if (length == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(maxBytes + 1L, 2L * buffer.Length));
        }
        return buffer[..length];
    }

    /// <summary>
    /// Why <see cref="Read(string, int)"/> threw, in words; null where it was something else. The framework's own texts are left out
    /// of the executables.
    /// </summary>
    public static string? ProblemOf(Exception exception, string path) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "cannot be read: there is no such file",
        UnauthorizedAccessException when Directory.Exists(path) => "cannot be read: it is a directory",
        UnauthorizedAccessException => "cannot be read: permission denied",
        InvalidDataException => "cannot be read: it is longer than such a file can be",
        IOException or ArgumentException => "cannot be read",
        _ => null,
    };
}
