using System.Net;
using Ptth.Load.Soak;

namespace Ptth.Load.Faults;

/// <summary>What the faults are run with.</summary>
internal sealed record FaultOptions
{
    /// <summary>A part of the names of the scenarios to run; empty for all.</summary>
    public required string Only { get; init; }

    /// <summary>The folder of the published executables.</summary>
    public required string Executables { get; init; }

    /// <summary>A folder for the parties' logs.</summary>
    public required string Logs { get; init; }

    /// <summary>Where the service listens, on the server's host.</summary>
    public required IPEndPoint Service { get; init; }

    /// <summary>The forwarded port, on the client's host.</summary>
    public required IPEndPoint Forward { get; init; }

    /// <summary>The product's processes, the relay first, each with its namespace.</summary>
    public required PartySpec[] Parties { get; init; }

    /// <summary>The namespace of a kind of party.</summary>
    public string Namespace(string kind) => Parties.First(party => party.Kind == kind).Namespace;
}
