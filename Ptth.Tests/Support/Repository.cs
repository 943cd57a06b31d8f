using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>Where the repository and its published executables are, found from the test assembly.</summary>
internal static class Repository
{
    /// <summary>The repository's top folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published relay.</summary>
    public static string Relay => Published("ptth-relay");

    /// <summary>The published proxy.</summary>
    public static string Proxy => Published("ptth-proxy");

    private static string Published(string name)
    {
        var path = Path.Combine(Root, "dist", RuntimeId(), name);
        Assert.That(path, Does.Exist, "the executables are missing: run ./publish.sh first");
        return path;
    }

    // The portable name, as publish.sh uses it: a distribution's own SDK would give one of its own.
    private static string RuntimeId()
    {
        var system = OperatingSystem.IsMacOS() ? "osx" : OperatingSystem.IsWindows() ? "win" : "linux";
        var library = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "-musl" : "";
#pragma warning disable CA1308 // A runtime identifier is in lower case.
        return $"{system}{library}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PtthRaw.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} holds PtthRaw.sln");
    }
}
