namespace Ptth.Relay.Admission;

/// <summary>
/// A key of a party for as long as the configuration has it, through all the times that it is read. What was begun with the key asks here
/// whether it may go on. That a key expires does not end it: an open tunnel goes on then.
/// </summary>
#pragma warning disable CA1001 // A source without a timer, whose wait handle nobody asks for, holds nothing to give back.
internal sealed class LiveKey
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Bounds the lines about its refused requests: who has a key is not to fill the operator's disk either.</summary>
    public LogThrottle Refusals { get; } = new();

    /// <summary>Cancelled when the key is taken away.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Whether it has been taken away, or its party.</summary>
    public bool IsGone => _gone.IsCancellationRequested;

    /// <summary>Takes it away. What waits for that goes on inside this call.</summary>
    public void TakeAway() => _gone.Cancel();
}
