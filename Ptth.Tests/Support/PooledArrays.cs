using System.Diagnostics.Tracing;

namespace Ptth.Tests.Support;

/// <summary>What this process has rented of the shared array pools and not given back, as those tell it.</summary>
/// <param name="leastBytes">Shorter arrays are not counted.</param>
internal sealed class PooledArrays(int leastBytes) : EventListener
{
    private const int Rented = 1;
    private const int Returned = 3;

    private readonly Lock _lock = new();
    private long _bytes;
    private long _mostBytes;

    /// <summary>Bytes that are rented.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    /// <summary>The most that was rented at a time.</summary>
    public long MostBytes
    {
        get
        {
            lock (_lock) return _mostBytes;
        }
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Buffers.ArrayPoolEventSource") EnableEvents(eventSource, EventLevel.Verbose);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId is not (Rented or Returned) || eventData.Payload?[1] is not int bytes || bytes < leastBytes) return;
        lock (_lock)
        {
            _bytes += eventData.EventId == Rented ? bytes : -bytes;
            _mostBytes = Math.Max(_mostBytes, _bytes);
        }
    }
}
