using System.Text.Json;
using Ptth.Http.Transport;
using Ptth.Relay.Admin.Status;

namespace Ptth.Relay.Admin;

/// <summary>
/// The status for everybody who asks: each second it is made once for all event streams, where there are any. A stream that is still
/// sending when the next one comes skips it: nothing is queued.
/// </summary>
/// <param name="make">Makes it.</param>
/// <param name="ticker">The clock.</param>
internal sealed class StatusFeed(Func<StatusDocument> make, Ticker ticker)
{
    /// <summary>How many streams there may be: operators' browser windows. Each may hold one event that its peer does not take.</summary>
    public const int MaxStreams = 16;

    /// <summary>A document answers for that long, if nobody outdates it: whoever asks all the time costs no more than ten of them a second.</summary>
    private const long FreshMilliseconds = 100;

    private readonly Lock _lock = new();
    private TaskCompletionSource _next = NewSignal();
    private byte[] _document = [];
    private long _madeAt = long.MinValue;
    private byte[] _event = [];
    private int _streams;

    /// <summary>Opens a stream; false where there are as many as there may be.</summary>
    public bool TryOpen()
    {
        lock (_lock)
        {
            if (_streams >= MaxStreams) return false;
            _streams++;
            return true;
        }
    }

    /// <summary>A stream has ended.</summary>
    public void Close()
    {
        lock (_lock) _streams--;
    }

    /// <summary>The status as JSON.</summary>
    public byte[] Document()
    {
        lock (_lock) return Refresh();
    }

    /// <summary>An operator has changed something: whoever asks next sees what came of it, however fresh the document is.</summary>
    public void Outdate()
    {
        lock (_lock) _madeAt = long.MinValue;
    }

    /// <summary>The newest event, which nobody changes, and what completes when there is a newer one.</summary>
    public (ReadOnlyMemory<byte> Event, Task Next) Newest()
    {
        lock (_lock)
        {
            Refresh();
            return (_event, _next.Task);
        }
    }

    /// <summary>A second has passed: makes an event, where anybody waits for one.</summary>
    public void Publish()
    {
        TaskCompletionSource next;
        lock (_lock)
        {
            if (_streams == 0) return;
            next = _next;
            _next = NewSignal();
            _madeAt = long.MinValue;
            Refresh();
        }

        next.SetResult();
    }

    private byte[] Refresh()
    {
        long now = ticker.NowMilliseconds;
        if (_madeAt != long.MinValue && now - _madeAt < FreshMilliseconds) return _document;
        _madeAt = now;
        _document = JsonSerializer.SerializeToUtf8Bytes(make(), StatusJson.Default.StatusDocument);
        _event = [.. "event: status\ndata: "u8, .. _document, .. "\n\n"u8];
        return _document;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
