using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;

namespace Ptth.Bench;

/// <summary>
/// Runs the benchmarks: all of them with short runs where nothing is said, otherwise as BenchmarkDotNet's arguments say
/// (<c>--filter '*HeadParser*'</c>, <c>--job medium</c>, <c>--list flat</c>).
/// </summary>
internal static class Program
{
    /// <summary>Many short iterations: the least and the median of them say something even on a busy machine.</summary>
    private static readonly Job Short = Job.Default
        .WithId("Short")
        .WithWarmupCount(5)
        .WithIterationCount(25)
        .WithIterationTime(TimeInterval.FromMilliseconds(80))
        .WithArguments([new MsBuildArgument("/p:RunAnalyzers=false")]);

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is [RelayProcess.Command, string kind, string serverKey, string clientKey])
            return await RelayProcess.ServeAsync(kind, serverKey, clientKey);

        DirectoryInfo cpu = Directory.CreateTempSubdirectory("ptth-bench-");
        Environment.SetEnvironmentVariable(CpuRecord.FolderVariable, cpu.FullName);
        Environment.SetEnvironmentVariable(RelayProcess.AssemblyVariable, typeof(Program).Assembly.Location);
        try
        {
            return Run(arguments);
        }
        finally
        {
            cpu.Delete(recursive: true);
        }
    }

    private static int Run(string[] arguments)
    {
        bool saysJob = arguments.Any(argument => argument is "-j" or "--job");
        bool saysWhich = arguments.Any(argument => argument is "-f" or "--filter" or "--list" or "--help" or "--info" or "--version");
        IConfig config = DefaultConfig.Instance
            .AddColumn(StatisticColumn.Min, StatisticColumn.Median, new CpuColumn(isRatio: false), new CpuColumn(isRatio: true))
            .WithBuildTimeout(TimeSpan.FromMinutes(10));
        string[] which = saysWhich ? arguments : [.. arguments, "--filter", "*"];
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
            .Run(which, saysJob ? config : config.AddJob(Short));
        return summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
    }
}
