using Ptth.Common.Hosting;

namespace Ptth.Proxy.Tunnels;

/// <summary>Counts the tunnels of a proxy, bounds them, and tells when there is none.</summary>
internal sealed class TunnelSet(int max) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _room = new(max);
    private int _max = max;
    private int _tooMany;
    private readonly EmptySignal _empty = new();
    private int _count;

    /// <summary>Takes a place if there is one.</summary>
    public bool TryEnter()
    {
        // Never waits: the time-out is zero.
        if (!_room.Wait(0)) return false;
        Count(1);
        return true;
    }

    /// <summary>Waits for a place and takes it.</summary>
    public async Task EnterAsync(CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        Count(1);
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        Count(-1);
        lock (_lock)
        {
            if (_tooMany > 0) _tooMany--;
            else _room.Release();
        }
    }

    /// <summary>Another bound. Where more are open than that, nobody enters until enough of them have left.</summary>
    public void Resize(int next)
    {
        lock (_lock)
        {
            int more = next - _max;
            _max = next;
            for (; more > 0 && _tooMany > 0; more--) _tooMany--;
            if (more > 0) _room.Release(more);
            // Places that are free are taken away now, the others when they are given back.
            for (; more < 0; more++)
            {
                if (!_room.Wait(0)) _tooMany++;
            }
        }
    }

    /// <summary>Completes when no place is taken.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock) return _empty.WhenEmpty(_count == 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private void Count(int change)
    {
        lock (_lock)
        {
            _count += change;
            if (_count == 0) _empty.Set();
        }
    }
}
