using System.Net;

namespace Ptth.Tests.Support;

/// <summary>What a <see cref="TunnelRig"/> is started with.</summary>
internal sealed class RigPlan
{
    /// <summary>The server's ports and where each leads. Without any, the relay is started alone.</summary>
    public Dictionary<string, IPEndPoint> Targets { get; } = [];

    /// <summary>Keys for the relay's configuration that stand in no table.</summary>
    public string RelayKeys { get; init; } = "";

    /// <summary>Tables for the relay's configuration beside those that the rig writes.</summary>
    public string RelayTables { get; init; } = "";

    /// <summary>What ends TLS in front of the relay, which is plain HTTP then; null where nothing does.</summary>
    public Intermediary? Front { get; init; }

    /// <summary>What the relay shows, or what is in front of it; null where all is plain HTTP.</summary>
    public MadeCertificate? Certificate { get => field ?? (TestTls.IsOn || Front is not null ? TestTls.Relay : null); init; }

    /// <summary>Whether that holds a request's body back until it ends, as none of the documented ones does.</summary>
    public bool FrontHoldsRequests { get; init; }

    /// <summary>Keys for the client-side proxy's configuration that stand in no table.</summary>
    public string ClientKeys { get; init; } = "";

    /// <summary>The proxies' table for TLS; empty for none.</summary>
    public string ProxyTls { get; init; } = "ca_file = \"root.pem\"";

    /// <summary>A proxy on the proxies' way to the relay, which it is to let pass; null where the way is direct.</summary>
    public CompanyProxyPlan? Company { get; init; }

    /// <summary>Arguments of the proxies beside those that the rig gives them.</summary>
    public IReadOnlyList<string> ProxyArguments { get; init; } = [];

    /// <summary>Variables of the proxies beside those of this process.</summary>
    public IReadOnlyDictionary<string, string> ProxyEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the relay has its socket from a service manager, which keeps it from one relay to the next.</summary>
    public bool RelayIsManaged { get; init; }

    /// <summary>What bounds the relay's memory; null for nothing.</summary>
    public MemoryGroup? RelayMemory { get; init; }

    /// <summary>The relay's <c>--drain</c>, or null for its default.</summary>
    public int? RelayDrainSeconds { get; init; }

    /// <summary>The proxies' <c>--drain</c>, or null for its default.</summary>
    public int? ProxyDrainSeconds { get; init; }
}
