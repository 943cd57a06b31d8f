namespace Ptth.Load.Soak;

/// <summary>What a tunnel of the soak does. Both of its ends know it from the header.</summary>
internal enum TunnelKind : byte
{
    /// <summary>A few bytes each way, as fast as they go.</summary>
    Short,

    /// <summary>Both ends send and end whenever they are done.</summary>
    BothWays,

    /// <summary>The client ends its half; only then the server begins to send, and goes on for long.</summary>
    ClientEndsFirst,

    /// <summary>The server ends its half; only then the client begins to send, and goes on for long.</summary>
    ServerEndsFirst,

    /// <summary>The client resets its connection in mid-stream.</summary>
    ClientResets,

    /// <summary>The server resets its connection in mid-stream.</summary>
    ServerResets,

    /// <summary>The client takes a few KB/s for a while from a server that sends as fast as it goes.</summary>
    SlowClient,

    /// <summary>The server takes a few KB/s for a while from a client that sends as fast as it goes.</summary>
    SlowServer,

    /// <summary>Nothing moves for a while in the middle.</summary>
    Idle,
}
