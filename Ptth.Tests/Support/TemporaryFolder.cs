namespace Ptth.Tests.Support;

/// <summary>A folder that only this user can read and that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("ptth-tests-").FullName;

    /// <summary>The full path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file that only this user can read.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string name, string text)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, text);
        SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Sets a file's mode; there is none on Windows.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, mode);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What was killed together with its parent may write until it is gone, which nobody waits for.
        if (!SpinWait.SpinUntil(TryDelete, Bound)) Directory.Delete(Path, recursive: true);
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(Path);
        }
    }
}
