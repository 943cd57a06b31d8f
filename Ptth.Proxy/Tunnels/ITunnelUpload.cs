namespace Ptth.Proxy.Tunnels;

/// <summary>How a party's bytes get to the relay: as one stream, or in segments.</summary>
internal interface ITunnelUpload
{
    /// <summary>Bytes that were handed on, without what is framing of records.</summary>
    long Bytes { get; }

    /// <summary>Moves bytes until the TCP connection's clean end was acknowledged, or something failed.</summary>
    /// <param name="owner">Is told of both at once.</param>
    Task RunAsync(IUploadOwner owner);

    /// <summary>To be called at each tick.</summary>
    void OnTick(long nowMilliseconds);

    /// <summary>Breaks it off. May be called by anyone, at any time.</summary>
    void Abort();

    /// <summary>Gives back what it holds, once it has run.</summary>
    void Finish();
}
