using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>Behind each of the servers as docs/behind sets it up the doctor finds nothing, longer rests than their defaults bear included.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DoctorTests : BehindTest
{
    [Test]
    [CancelAfter(300_000)]
    public async Task The_doctor_finds_nothing([Values] Intermediary front, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Front = front }, token);

        DoctorRun run = await DoctorRun.OfAsync(Scope, rig, token, "--idle", "65");

        Assert.That(run.Findings, Is.Empty, run.ToString());
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.TextOf("tls"), Does.StartWith("the certificate is for localhost, 127.0.0.1; issued by \"Test issuer\""));
    }
}
