namespace Ptth.Proxy.Probes;

/// <summary>How a stream ended that was to go on.</summary>
internal enum StreamCut
{
    /// <summary>It went on.</summary>
    None,

    /// <summary>It was answered before its end: see the answer for the status and who gave it.</summary>
    Answered,

    /// <summary>It broke off.</summary>
    Broken,

    /// <summary>It ended cleanly, with less than the sender had sent or was about to send.</summary>
    Ended,

    /// <summary>What was sent did not arrive any more, and nobody said so.</summary>
    Silent,
}
