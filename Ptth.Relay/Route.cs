using Ptth.Common.Protocol;
using Ptth.Http.Core;

namespace Ptth.Relay;

/// <summary>What a request asks for.</summary>
internal enum RouteKind
{
    /// <summary>Nothing that is here.</summary>
    Unknown,

    /// <summary><c>health</c>.</summary>
    Health,

    /// <summary><c>listen/{port}</c>.</summary>
    Listen,

    /// <summary><c>connect/{server}/{port}</c>.</summary>
    Connect,

    /// <summary><c>accept/{id}</c>.</summary>
    Accept,

    /// <summary><c>reject/{id}</c>.</summary>
    Reject,

    /// <summary><c>upstream/{id}</c>.</summary>
    Upstream,

    /// <summary><c>downstream/{id}</c>.</summary>
    Downstream,

    /// <summary><c>probe/{what}</c>.</summary>
    Probe,
}

/// <summary>A request's path taken apart.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="First">The first argument: a port, a server, or an ID; not checked.</param>
/// <param name="Second">The second argument of connect: a port.</param>
internal readonly record struct Route(RouteKind Kind, string First = "", string Second = "")
{
    /// <summary>The methods that the route takes, as the Allow field says them.</summary>
    public string Methods => Kind switch
    {
        RouteKind.Health => "GET, HEAD",
        RouteKind.Listen => "GET, POST",
        _ => "POST",
    };

    /// <summary>Whether the route takes that method.</summary>
    public bool Takes(string method) => Methods.Split(", ").Contains(method);

    /// <summary>Whether a body streams, so that its end must be told from a break.</summary>
    public bool Streams => Kind is RouteKind.Connect or RouteKind.Accept or RouteKind.Upstream or RouteKind.Downstream
        || (Kind == RouteKind.Probe && First is PtthPaths.ProbeDownload or PtthPaths.ProbeReports or PtthPaths.ProbeStream);

    /// <summary>The longest body that the route takes, bytes: those that want none bear what is dropped.</summary>
    public long MaxBodyBytes(HttpLimits limits) => Kind switch
    {
        RouteKind.Upstream or RouteKind.Downstream or RouteKind.Probe => long.MaxValue,
        RouteKind.Reject => Problem.MaxBytes,
        _ => limits.MaxDrainBytes,
    };

    /// <summary>Takes a request's path apart. Names and IDs have no characters that need percent-encoding, so none is decoded.</summary>
    /// <param name="path">The path, without authority and query.</param>
    /// <param name="basePath">What every path begins with; empty at the root.</param>
    public static Route Parse(ReadOnlySpan<char> path, string basePath)
    {
        if (!path.StartsWith(basePath, StringComparison.Ordinal)) return default;
        path = path[basePath.Length..];
        if (path.IsEmpty || path[0] != '/') return default;
        Span<Range> parts = stackalloc Range[4];
        path = path[1..];
        int count = path.Split(parts, '/');
        ReadOnlySpan<char> name = path[parts[0]];
        string first = count > 1 ? path[parts[1]].ToString() : "";
        return name switch
        {
            PtthPaths.Health when count == 1 => new Route(RouteKind.Health),
            PtthPaths.Listen when count == 2 => new Route(RouteKind.Listen, first),
            PtthPaths.Connect when count == 3 => new Route(RouteKind.Connect, first, path[parts[2]].ToString()),
            PtthPaths.Accept when count == 2 => new Route(RouteKind.Accept, first),
            PtthPaths.Reject when count == 2 => new Route(RouteKind.Reject, first),
            PtthPaths.Upstream when count == 2 => new Route(RouteKind.Upstream, first),
            PtthPaths.Downstream when count == 2 => new Route(RouteKind.Downstream, first),
            PtthPaths.Probe when count == 2 => new Route(RouteKind.Probe, first),
            _ => default,
        };
    }
}
