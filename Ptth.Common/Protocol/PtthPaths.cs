namespace Ptth.Common.Protocol;

/// <summary>The first segment of each request's path, below the base path.</summary>
public static class PtthPaths
{
    /// <summary>The base path where none is configured.</summary>
    public const string DefaultBase = "/v1";

    /// <summary><c>listen/{port}</c>: a server waits for a client.</summary>
    public const string Listen = "listen";

    /// <summary><c>connect/{server}/{port}</c>: a client's request, and its downstream.</summary>
    public const string Connect = "connect";

    /// <summary><c>accept/{id}</c>: the server takes the connection, and its half of the upstream.</summary>
    public const string Accept = "accept";

    /// <summary><c>reject/{id}</c>: the server cannot take the connection.</summary>
    public const string Reject = "reject";

    /// <summary><c>upstream/{id}</c>: the client's bytes.</summary>
    public const string Upstream = "upstream";

    /// <summary><c>downstream/{id}</c>: the server's bytes.</summary>
    public const string Downstream = "downstream";

    /// <summary><c>probe/{what}</c>: what the path to the relay does to a request.</summary>
    public const string Probe = "probe";

    /// <summary><c>probe/upload</c>: is answered as soon as the body's first bytes are there.</summary>
    public const string ProbeUpload = "upload";

    /// <summary><c>probe/echo</c>: says what the relay saw of the request.</summary>
    public const string ProbeEcho = "echo";

    /// <summary><c>probe/download</c>: an answer that is a stream, with a pause in it.</summary>
    public const string ProbeDownload = "download";

    /// <summary><c>probe/reports</c>: an answer that is a stream, which tells how far the body of a <see cref="ProbeStream"/> has come.</summary>
    public const string ProbeReports = "reports";

    /// <summary><c>probe/stream</c>: takes a stream.</summary>
    public const string ProbeStream = "stream";

    /// <summary><c>health</c>: for load balancers.</summary>
    public const string Health = "health";
}
