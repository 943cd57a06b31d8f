using System.Text;
using Microsoft.Win32.SafeHandles;
using Ptth.Common.Protocol;

namespace Ptth.Common.Hosting;

/// <summary>A file that holds a key and nothing else, and that its owner alone can read.</summary>
public static class KeyFile
{
    // A key, and the line end of any editor.
    private const int MaxBytes = PtthKey.Length + 2;

    // The usual mistake is the whole line that keygen prints.
    private const string NoKey = "holds no key: the file must hold the key alone, \"ptth_\" and 43 characters, without \"key =\" and quotes";

    /// <summary>Reads a key. Null where there is none to be had; then <paramref name="problem"/> says why and what would be right.</summary>
    public static PtthKey? Read(string path, out string problem)
    {
        problem = "";
        try
        {
            using SafeFileHandle handle = BoundedFile.Open(path);
            // Of the open file rather than of the path, which may be another one by now.
            if (FilePermissions.ProblemOf(handle, path) is { } readable)
            {
                problem = "holds a key and " + readable;
                return null;
            }
            if (PtthKey.TryParse(TextOf(BoundedFile.Read(handle, MaxBytes)), out PtthKey? key)) return key;
            problem = NoKey;
        }
        catch (InvalidDataException)
        {
            problem = NoKey;
        }
        catch (Exception e) when (BoundedFile.ProblemOf(e, path) is { } unreadable)
        {
            problem = unreadable;
        }
        return null;
    }

    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [.., (byte)'\n']) bytes = bytes[..^1];
        if (bytes is [.., (byte)'\r']) bytes = bytes[..^1];
        return Encoding.Latin1.GetString(bytes);
    }
}
