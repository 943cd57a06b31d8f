using System.Globalization;

namespace Ptth.Bench;

/// <summary>
/// Another process's CPU time for each operation of a benchmark. BenchmarkDotNet measures in processes of its own, and its columns are
/// made in ours: the figure goes from one to the other by a file.
/// </summary>
internal sealed class CpuRecord(TimeSpan before)
{
    /// <summary>Names the folder of the files to the processes that run the benchmarks.</summary>
    public const string FolderVariable = "PTTH_BENCH_CPU";

    private string _benchmark = "";
    private long _operations;

    /// <summary>Counts operations, those that warm up included.</summary>
    public void Add(string benchmark, int operations)
    {
        _benchmark = benchmark;
        _operations += operations;
    }

    /// <summary>Writes the figure.</summary>
    /// <param name="after">The other process's CPU time at the end.</param>
    public void Save(TimeSpan after)
    {
        string folder = Environment.GetEnvironmentVariable(FolderVariable)
            ?? throw new InvalidOperationException($"{FolderVariable} is not set: run the benchmarks by dotnet run.");
        double microseconds = (after - before).TotalMicroseconds / _operations;
        File.WriteAllText(Path.Combine(folder, _benchmark), microseconds.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Microseconds for each operation; null where the benchmark has recorded none.</summary>
    public static double? Read(string benchmark)
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        string file = Path.Combine(folder ?? "", benchmark);
        return folder is not null && File.Exists(file) ? double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
    }
}
