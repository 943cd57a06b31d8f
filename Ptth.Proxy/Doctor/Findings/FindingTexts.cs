namespace Ptth.Proxy.Doctor.Findings;

/// <summary>How much each finding matters, and what it means for tunnels.</summary>
internal static class FindingTexts
{
    /// <summary>Whether it is the doing of somebody between this machine and the relay.</summary>
    public static bool IsOfPath(FindingKind kind) => kind is not (FindingKind.Clock or FindingKind.CertificateExpires or FindingKind.OlderRelay);

    public static FindingWeight WeightOf(FindingKind kind) => kind is FindingKind.Clock or FindingKind.CertificateExpires or FindingKind.OlderRelay
        or FindingKind.ResponseBufferingUnasked or FindingKind.ConnectionsClosed or FindingKind.RelayConnectionsClosed or FindingKind.Delay
        ? FindingWeight.Advice
        : FindingWeight.Fault;

    public static string MeaningOf(FindingKind kind) => kind switch
    {
        FindingKind.Clock => "Keys and certificates that are valid by the one clock may not be by the other.",
        FindingKind.CertificateExpires => "No proxy will reach the relay after that.",
        FindingKind.OlderRelay => "The path could not be looked at. Tunnels may work or not.",
        FindingKind.Http10ToRelay => "HTTP/1.0 has no chunked coding: an end could not be told from a break, so the relay refuses streams (426).",
        FindingKind.Http10Answers => "An answer's end could not be told from a break: no tunnel comes about.",
        FindingKind.AnswersChanged => "What the relay sends has to come as it is: a tunnel carries other bytes than were sent, or none.",
        FindingKind.RequestBuffering => "What this side sends as a stream does not reach the other one before its end. In segments it does, a request each (upload = \"auto\", the default): that works, and costs speed.",
        FindingKind.ResponseBuffering => "What the other side sends does not come here before its end, or in large pieces: tunnels stand still.",
        FindingKind.ResponseBufferingUnasked => "It works only since the relay's answers say \"X-Accel-Buffering: no\": where that field is ignored or taken out, tunnels stand still.",
        FindingKind.BreakAsEnd => "What breaks off looks complete at the other end: a file that is too short, without an error. TLS and ssh notice it by themselves; what ends with its connection alone does not.",
        FindingKind.SizeCap => "A tunnel breaks when this side has sent so much as a stream, or is refused at its begin. In segments (upload = \"auto\", the default) it works, and costs speed.",
        FindingKind.IdleCut => "A tunnel that carries nothing for so long breaks: ssh sessions, chats, pools of database connections.",
        FindingKind.ConnectionsClosed => "It works, but each request of a tunnel waits for a connection, and for TLS where there is some.",
        FindingKind.RelayConnectionsClosed => "It works, but each request of a tunnel waits for a connection to the relay, and the relay has more of them to bear.",
        FindingKind.Delay => "It works, but each key that is typed into ssh, and each question to a database, takes so much longer.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
