using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

namespace Ptth.Bench;

/// <summary>
/// Runs the benchmarks: all of them with short runs where nothing is said, otherwise as BenchmarkDotNet's arguments say
/// (<c>--filter '*HeadParser*'</c>, <c>--job medium</c>, <c>--list flat</c>).
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        bool saysJob = arguments.Any(argument => argument is "-j" or "--job");
        bool saysWhich = arguments.Any(argument => argument is "-f" or "--filter" or "--list" or "--help" or "--info" or "--version");
        IConfig config = saysJob ? DefaultConfig.Instance : DefaultConfig.Instance.AddJob(Job.ShortRun);
        string[] which = saysWhich ? arguments : [.. arguments, "--filter", "*"];
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(which, config);
        return 0;
    }
}
