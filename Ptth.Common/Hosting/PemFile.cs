using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ptth.Common.Hosting;

/// <summary>Files of certificates and keys in the PEM format (RFC 7468).</summary>
public static class PemFile
{
    /// <summary>The longest file, bytes: a bundle of all authorities that a system trusts has some 250 KiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the text of a file. Null where that cannot be; then <paramref name="problem"/> says why and what would be right.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isSecret">Whether its owner alone may be able to read it.</param>
    /// <param name="problem">What is wrong, empty where nothing is.</param>
    public static string? Read(string path, bool isSecret, out string problem)
    {
        problem = "";
        try
        {
            using SafeFileHandle handle = BoundedFile.Open(path);
            // Of the open file rather than of the path, which may be another one by now.
            if (isSecret && FilePermissions.ProblemOf(handle, path) is { } readable)
            {
                problem = "holds a private key and " + readable;
                return null;
            }

            // PEM is ASCII; what is not finds no use.
            return Encoding.Latin1.GetString(BoundedFile.Read(handle, MaxBytes));
        }
        catch (Exception e) when (BoundedFile.ProblemOf(e, path) is { } unreadable)
        {
            problem = unreadable;
            return null;
        }
    }
}
