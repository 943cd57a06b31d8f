namespace Ptth.Proxy.Tunnels;

/// <summary>The tunnel that an upload belongs to.</summary>
internal interface IUploadOwner
{
    /// <summary>The TCP connection has ended its direction.</summary>
    void OnSourceEnded();

    /// <summary>The tunnel ends before its time. Only the first reason counts.</summary>
    void Fail(TunnelEnd end);
}
