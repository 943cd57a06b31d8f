using System.Runtime.Versioning;

namespace Ptth.Tests.Common;

/// <summary>A directory of a test's own, removed with all that is in it.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ptth-test-").FullName;

    /// <summary>A file that its owner alone can read; its full path.</summary>
    public string Write(string name, string text)
    {
        string path = PathOf(name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) SetMode(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    [UnsupportedOSPlatform("windows")]
    public void SetMode(string name, UnixFileMode mode) => File.SetUnixFileMode(PathOf(name), mode);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
