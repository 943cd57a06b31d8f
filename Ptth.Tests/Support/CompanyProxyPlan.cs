namespace Ptth.Tests.Support;

/// <summary>What a <see cref="CompanyProxy"/> is started with.</summary>
internal sealed record CompanyProxyPlan(CompanyProxyKind Kind)
{
    /// <summary>The one port that it lets pass, with CONNECT and without.</summary>
    public int RelayPort { get; init; }

    /// <summary>Whether it asks for a user and a password.</summary>
    public bool HasLogin { get; init; }

    /// <summary>Who may pass then.</summary>
    public string User { get; init; } = "jo";

    /// <summary>Whether it forbids all that it is asked for.</summary>
    public bool Refuses { get; init; }

    /// <summary>Lines for <c>hosts(5)</c> that Squid alone knows.</summary>
    public string Hosts { get; init; } = "";
}
