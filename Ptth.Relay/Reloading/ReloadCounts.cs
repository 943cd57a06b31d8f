namespace Ptth.Relay.Reloading;

/// <summary>How often the configuration was read again, by how it came out.</summary>
internal sealed class ReloadCounts
{
    private long _taken;
    private long _refused;

    /// <summary>How often it was taken.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>How often it was not valid, and changed nothing.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Counts one.</summary>
    public void Add(bool isTaken) => Interlocked.Increment(ref isTaken ? ref _taken : ref _refused);
}
