namespace Ptth.Proxy.Probes;

/// <summary>A probe was answered with something else than what it asked for.</summary>
internal sealed class ProbeRefusedException(PathAnswer answer) : Exception
{
    /// <summary>The answer.</summary>
    public PathAnswer Answer => answer;

    /// <summary>What that means: a relay that is older does not know the place.</summary>
    public ProbeOutcome Outcome => answer is { Status: 404, IsRelays: true } ? ProbeOutcome.NotKnown : ProbeOutcome.Refused;
}
