using Microsoft.Extensions.Logging;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Relaying;

/// <summary>
/// How long segments may be, for all tunnels of a proxy: as configured, and shorter once something on the way has refused one for its
/// length. It never grows again: what refuses one says nothing of when it will not. Thread-safe.
/// </summary>
/// <param name="bytes">As configured.</param>
/// <param name="logger">Is told of shorter ones.</param>
internal sealed class SegmentBound(int bytes, ILogger logger)
{
    private readonly Lock _lock = new();
    private int _bytes = bytes;

    /// <summary>The longest segment, bytes.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <summary>One was refused for its length (413): from now on they are half as long at most. False where none could be shorter.</summary>
    /// <param name="refused">Its length, bytes.</param>
    public bool TryLower(int refused)
    {
        if (refused <= UploadSettings.MinSegmentBytes) return false;
        int lower = Math.Max(refused / 2, UploadSettings.MinSegmentBytes);
        lock (_lock)
        {
            // Another tunnel may have been refused before.
            if (_bytes <= lower) return true;
            _bytes = lower;
        }

        ProxyLog.ShorterSegments(logger, refused, lower);
        return true;
    }
}
