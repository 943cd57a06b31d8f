using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges whether connections serve further requests.</summary>
internal static class KeepAliveJudgement
{
    public static StepOutcome Of(Examination examination, KeepAlive measured)
    {
        string text = $"{measured.Requests} requests took {measured.OwnConnections} of this side's connections, and {measured.RelayConnections} to the relay";
        List<Finding> findings = [];
        if (AreClosed(measured.OwnConnections, measured.Requests))
            findings.Add(examination.Find(FindingKind.ConnectionsClosed, $"{measured.Requests} requests took {measured.OwnConnections} connections from here"));
        else if (AreClosed(measured.RelayConnections, measured.Requests))
            AddRelays(findings, examination.Find(FindingKind.RelayConnectionsClosed, $"{measured.Requests} requests took {measured.RelayConnections} connections to the relay"));
        return StepOutcome.Of(text, findings) with
        {
            Measured = new Dictionary<string, double>
            {
                ["requests"] = measured.Requests,
                ["own_connections"] = measured.OwnConnections,
                ["relay_connections"] = measured.RelayConnections,
            },
        };
    }

    /// <summary>Some cannot keep theirs, whatever their configuration says; that is no reason to send anybody to it.</summary>
    private static void AddRelays(List<Finding> findings, Finding finding)
    {
        if (finding.Remedies.Count > 0) findings.Add(finding);
    }

    // One that happens to end meanwhile, or is another process's, is nothing to be told.
    private static bool AreClosed(int connections, int requests) => requests > 1 && connections > (requests + 1) / 2;
}
