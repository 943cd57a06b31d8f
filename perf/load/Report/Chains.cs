namespace Ptth.Load.Report;

/// <summary>The chains by the names that the scripts give them.</summary>
internal static class Chains
{
    public const string Direct = "direct";
    public const string HAProxy = "haproxy";
    public const string Ssh = "ssh";
    public const string Ptth = "ptth";
    public const string PtthCopy = "ptth-copy";

    /// <summary>All chains that a report shows, in order, with what they are.</summary>
    public static IReadOnlyList<(string Name, string Text)> All { get; } =
    [
        (Direct, "direct loopback"),
        (HAProxy, "HAProxy, tcp, splice, one hop"),
        ("nginx", "nginx stream, one hop"),
        ("socat", "socat, one hop"),
        (Ssh, "ssh -L, sshd, ssh -R"),
        (Ptth, "PtthRaw, three hops"),
        (PtthCopy, "PtthRaw, PTTH_SPLICE=0"),
    ];

    /// <summary>The processes of PtthRaw's chain.</summary>
    public static IReadOnlyList<string> PtthProcesses { get; } = ["relay", "server-proxy", "client-proxy", ProcessGroups.All];
}
