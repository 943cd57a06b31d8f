using System.Net;

namespace Ptth.Load.Soak;

/// <summary>What a soak is run with.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long tunnels are opened in all; the checks in between come on top.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>What all plans are drawn from.</summary>
    public required int Seed { get; init; }

    /// <summary>The folder of the published executables.</summary>
    public required string Executables { get; init; }

    /// <summary>A folder for the parties' logs.</summary>
    public required string Logs { get; init; }

    /// <summary>Where the service listens.</summary>
    public required IPEndPoint Service { get; init; }

    /// <summary>The ports of the relay that garbage is thrown at.</summary>
    public required IPEndPoint[] RelayPorts { get; init; }

    /// <summary>The product's processes, the relay first.</summary>
    public required PartySpec[] Parties { get; init; }

    /// <summary>The ways through them, used in turn.</summary>
    public required Chain[] Chains { get; init; }
}
