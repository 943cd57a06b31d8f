namespace Ptth.Common.Protocol;

/// <summary>The protocol's own header field names, and the values that it gives to standard ones.</summary>
public static class PtthHeaders
{
    /// <summary>The connection ID, in the answers to listen and connect; of a pair of probes in the answer to the one and in the request of the other.</summary>
    public static ReadOnlySpan<byte> Connection => "Ptth-Connection"u8;

    /// <summary>Which of a server's listens one is, in listen: a name that no other of them has. A former listen of the name on the port ends.</summary>
    public static ReadOnlySpan<byte> Listener => "Ptth-Listener"u8;

    /// <summary>The name of the client that wants the port, in the answer to listen.</summary>
    public static ReadOnlySpan<byte> Client => "Ptth-Client"u8;

    /// <summary>What the client-side proxy can do besides, in connect; the relay hands it to the server in the answer to listen.</summary>
    public static ReadOnlySpan<byte> Offer => "Ptth-Offer"u8;

    /// <summary>What the server-side proxy has chosen of it, in accept; the relay hands it to the client in the answer to connect.</summary>
    public static ReadOnlySpan<byte> Agreed => "Ptth-Agreed"u8;

    /// <summary>The longest value of <see cref="Offer"/> and <see cref="Agreed"/> that the relay hands on, bytes.</summary>
    public const int MaxHandedOnBytes = 256;

    /// <summary>What the relay can take besides, in the answers to connect, accept and probe; see <see cref="Segments"/> and <see cref="Probes"/>.</summary>
    public static ReadOnlySpan<byte> Accepts => "Ptth-Accepts"u8;

    /// <summary>The word in <see cref="Accepts"/> for uploads that come as a sequence of requests.</summary>
    public static ReadOnlySpan<byte> Segments => "segments"u8;

    /// <summary>The word in <see cref="Accepts"/> for all of the probes that <see cref="PtthPaths"/> has.</summary>
    public static ReadOnlySpan<byte> Probes => "probes"u8;

    /// <summary>What a probe/download asks for; see <see cref="ProbeOrder"/>.</summary>
    public static ReadOnlySpan<byte> Probe => "Ptth-Probe"u8;

    /// <summary>Where in its stream a segment begins; in the answer, where the next one is to begin.</summary>
    public static ReadOnlySpan<byte> Offset => "Ptth-Offset"u8;

    /// <summary>Marks the last segment, with <see cref="Yes"/>.</summary>
    public static ReadOnlySpan<byte> Last => "Ptth-Last"u8;

    /// <summary>The value of a mark.</summary>
    public const string Yes = "yes";

    /// <summary>
    /// Which process of the relay answers. While one is started again the old one still serves its tunnels, and an ID means something to
    /// the one alone that made it.
    /// </summary>
    public static ReadOnlySpan<byte> Relay => "Ptth-Relay"u8;

    /// <summary>The scheme of the Authorization field's value, before the key (RFC 6750).</summary>
    public const string BearerScheme = "Bearer";
}
