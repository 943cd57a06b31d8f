using Ptth.Common.Hosting;

namespace Ptth.Relay.Admin.Metrics;

/// <summary>What the process takes, under the names that all of Prometheus's own libraries give it, and what the collector does.</summary>
internal static class ProcessMetrics
{
    /// <summary>Writes them.</summary>
    public static void Write(MetricsWriter writer)
    {
        writer.Counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", ProcessFigures.CpuSeconds);
        if (ProcessFigures.Read() is { } figures)
        {
            writer.Gauge("process_resident_memory_bytes", "Resident memory size in bytes.", figures.ResidentBytes);
            writer.Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", figures.VirtualBytes);
            writer.Gauge("process_open_fds", "Number of open file descriptors.", figures.OpenFiles);
            writer.Gauge("process_max_fds", "Maximum number of open file descriptors.", figures.MaxFiles);
            writer.Gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", figures.StartSeconds);
        }

        writer.Gauge("dotnet_gc_heap_bytes", "Managed heap in use, what nobody refers to any more included.", GC.GetTotalMemory(forceFullCollection: false));
        writer.Begin("dotnet_gc_collections_total", "counter", "Collections of the managed heap by generation.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
            writer.Sample("generation", $"{generation}", GC.CollectionCount(generation));
    }
}
