using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Ptth.Bench;

/// <summary>The relay process's CPU time for each operation, or its ratio to the baseline's.</summary>
internal sealed class CpuColumn(bool isRatio) : IColumn
{
    public string Id => ColumnName;

    public string ColumnName => isRatio ? "Relay CPU ratio" : "Relay CPU";

    public bool AlwaysShow => false;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => isRatio ? 1 : 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => isRatio ? "Relay CPU ÷ the baseline's" : "User and system time of the relay's process for one operation";

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(static benchmark => Read(benchmark) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        double? own = Read(benchmarkCase);
        if (!isRatio) return own is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{own:#,0.0} us");
        BenchmarkCase? baseline = summary.BenchmarksCases.FirstOrDefault(
            other => other.Descriptor.Baseline && other.Descriptor.HasCategory(benchmarkCase.Descriptor.Categories.FirstOrDefault() ?? ""));
        return own / (baseline is null ? null : Read(baseline)) is double ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-";
    }

    private static double? Read(BenchmarkCase benchmark) => CpuRecord.Read(benchmark.Descriptor.WorkloadMethod.Name);
}
