namespace Ptth.Relay.Admin;

/// <summary>What a request to the admin listener asks for.</summary>
internal enum AdminRouteKind
{
    /// <summary>Nothing that is here.</summary>
    Unknown,

    /// <summary><c>/</c>: the page.</summary>
    Page,

    /// <summary><c>/healthz</c>.</summary>
    Health,

    /// <summary><c>/readyz</c>.</summary>
    Readiness,

    /// <summary><c>/metrics</c>.</summary>
    Metrics,

    /// <summary><c>/api/v1/status</c>.</summary>
    Status,

    /// <summary><c>/api/v1/events</c>.</summary>
    Events,

    /// <summary><c>/api/v1/tunnels/{id}/close</c>.</summary>
    Close,
}

/// <summary>A request's path taken apart.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Id">The tunnel's ID where one is meant; not checked.</param>
internal readonly record struct AdminRoute(AdminRouteKind Kind, string Id = "")
{
    private const string TunnelsPath = "/api/v1/tunnels/";
    private const string CloseSuffix = "/close";

    /// <summary>The methods that the route takes, as the Allow field says them.</summary>
    public string Methods => Kind switch
    {
        AdminRouteKind.Close => "POST",
        AdminRouteKind.Events => "GET",
        _ => "GET, HEAD",
    };

    /// <summary>Whether the route takes that method.</summary>
    public bool Takes(string method) => Methods.Split(", ").Contains(method);

    /// <summary>Whether anybody may ask, since the answer is one word: load balancers and service managers.</summary>
    public bool IsPublic => Kind is AdminRouteKind.Health or AdminRouteKind.Readiness;

    /// <summary>Takes a path apart.</summary>
    public static AdminRoute Parse(ReadOnlySpan<char> path)
    {
        AdminRouteKind kind = path switch
        {
            "/" => AdminRouteKind.Page,
            "/healthz" => AdminRouteKind.Health,
            "/readyz" => AdminRouteKind.Readiness,
            "/metrics" => AdminRouteKind.Metrics,
            "/api/v1/status" => AdminRouteKind.Status,
            "/api/v1/events" => AdminRouteKind.Events,
            _ => AdminRouteKind.Unknown,
        };
        if (kind != AdminRouteKind.Unknown) return new AdminRoute(kind);
        if (!path.StartsWith(TunnelsPath, StringComparison.Ordinal) || !path.EndsWith(CloseSuffix, StringComparison.Ordinal)) return default;
        return path.Length < TunnelsPath.Length + CloseSuffix.Length
            ? default
            : new AdminRoute(AdminRouteKind.Close, path[TunnelsPath.Length..^CloseSuffix.Length].ToString());
    }
}
