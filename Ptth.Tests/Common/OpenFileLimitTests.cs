using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

[Platform("Linux")]
internal sealed class OpenFileLimitTests
{
    [Test, CancelAfter(10_000)]
    public async Task Raises_the_soft_limit_to_the_hard_one(CancellationToken cancellation)
    {
        (long _, long hard) = Read();
        using Process prlimit = Process.Start(
            "prlimit", string.Create(CultureInfo.InvariantCulture, $"--pid {Environment.ProcessId} --nofile={hard - 1}:{hard}"));
        await prlimit.WaitForExitAsync(cancellation);
        Assert.That(Read(), Is.EqualTo((hard - 1, hard)));

        OpenFileLimit.Raise();
        Assert.That(Read(), Is.EqualTo((hard, hard)));
    }

    private static (long Soft, long Hard) Read()
    {
        string line = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[3], CultureInfo.InvariantCulture), long.Parse(fields[4], CultureInfo.InvariantCulture));
    }
}
