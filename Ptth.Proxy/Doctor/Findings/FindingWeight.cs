namespace Ptth.Proxy.Doctor.Findings;

/// <summary>How much a finding matters.</summary>
internal enum FindingWeight
{
    /// <summary>Tunnels work; something could be better, or will go wrong.</summary>
    Advice,

    /// <summary>Tunnels, or some of them, do not work.</summary>
    Fault,
}
