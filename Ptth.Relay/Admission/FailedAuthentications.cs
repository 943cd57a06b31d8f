using System.Net;

namespace Ptth.Relay.Admission;

/// <summary>
/// Counts, by address, requests without a key that is good. Too many within a window, and for a while there is no other answer than to come
/// back later; each time that follows within a window is twice as long, and each window of quiet takes one doubling back.
/// A key that is good is not asked about this: behind one address there may be many parties.
/// </summary>
/// <param name="allowed">How many are answered as what they are within a window.</param>
internal sealed class FailedAuthentications(int allowed)
{
    private volatile int _allowed = allowed;

    /// <summary>How many are answered as what they are within a window.</summary>
    public int Allowed
    {
        get => _allowed;
        set => _allowed = value;
    }

    /// <summary>How many addresses are known at once, half a megabyte at most; beyond it the one that failed longest ago is forgotten.</summary>
    public const int MaxAddresses = 4096;

    /// <summary>Within this time failures add up, and after this time without one they begin to be forgotten.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>The first delay: long enough that guessing is hopeless, short enough for somebody who mistyped a path.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);

    /// <summary>5 s doubled seven times; an operator who has mended a configuration waits no longer than that.</summary>
    private const int MostDoublings = 7;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerAddress, LinkedListNode<Record>> _records = [];
    private readonly LinkedList<Record> _byAge = new();

    /// <summary>How many addresses are known.</summary>
    public int Addresses
    {
        get
        {
            lock (_lock) return _records.Count;
        }
    }

    /// <summary>Notes a failure of an address.</summary>
    /// <param name="endPoint">The peer.</param>
    /// <param name="nowMilliseconds">A monotonic time.</param>
    /// <returns>How long the address is to stay away; zero where the failure is answered as what it is.</returns>
    public TimeSpan Add(EndPoint? endPoint, long nowMilliseconds)
    {
        PeerAddress address = PeerAddress.Of(endPoint);
        lock (_lock) return TimeSpan.FromMilliseconds(RecordOf(address, nowMilliseconds).Add(_allowed, nowMilliseconds));
    }

    private Record RecordOf(PeerAddress address, long nowMilliseconds)
    {
        if (_records.TryGetValue(address, out LinkedListNode<Record>? node))
        {
            _byAge.Remove(node);
        }
        else
        {
            if (_records.Count >= MaxAddresses)
            {
                _records.Remove(_byAge.First!.Value.Address);
                _byAge.RemoveFirst();
            }

            node = new LinkedListNode<Record>(new Record(address, nowMilliseconds));
            _records.Add(address, node);
        }

        _byAge.AddLast(node);
        return node.Value;
    }

    private sealed class Record(PeerAddress address, long nowMilliseconds)
    {
        private static readonly long WindowMilliseconds = (long)Window.TotalMilliseconds;

        private int _failures;
        private int _doublings;
        private bool _wasBlocked;
        private long _since = nowMilliseconds;
        private long _blockedUntil;

        public PeerAddress Address { get; } = address;

        /// <summary>Notes a failure; the milliseconds to stay away from now on, or zero.</summary>
        public long Add(int allowed, long now)
        {
            if (_wasBlocked && now < _blockedUntil) return _blockedUntil - now;
            Forget(now);
            if (!_wasBlocked && _failures++ < allowed) return 0;
            long delay = (long)FirstDelay.TotalMilliseconds << _doublings;
            if (_doublings < MostDoublings) _doublings++;
            _wasBlocked = true;
            _blockedUntil = _since = now + delay;
            return delay;
        }

        /// <summary>Each whole window since the count began, or since the last block ended, takes something back.</summary>
        private void Forget(long now)
        {
            long windows = (now - _since) / WindowMilliseconds;
            if (windows <= 0) return;
            _since = now;
            _failures = 0;
            _doublings = (int)Math.Max(0, _doublings - windows);
            if (_doublings == 0) _wasBlocked = false;
        }
    }
}
