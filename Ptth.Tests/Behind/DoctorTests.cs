using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>Behind each of the servers as docs/behind sets it up the doctor finds nothing but what docs/behind says, longer rests than their defaults bear included.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DoctorTests : BehindTest
{
    [Test]
    [CancelAfter(300_000)]
    public async Task The_doctor_finds_nothing_but_breaks_that_come_as_ends([Values] Intermediary front, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Front = front }, token);

        DoctorRun run = await DoctorRun.OfAsync(Scope, rig, token, "--idle", "65");

        if (TellsBreaks(front))
        {
            Assert.That(run.Findings, Is.Empty, run.ToString());
            Assert.That(run.ExitCode, Is.Zero, run.ToString());
        }
        else
        {
            Assert.That(run.Findings, Is.EqualTo(new[] { "break-as-end" }), run.ToString());
            Assert.That(run.DirectivesAt("server.toml, client.toml"), Is.EqualTo(new[] { "mark_ends = true  # at one of the two proxies" }));
            Assert.That(run.ExitCode, Is.EqualTo(1), run.ToString());
        }

        Assert.That(run.TextOf("breaks"), Does.Contain("an answer").And.Contain(TellsBreaks(front) ? "broken" : "whole"));
        Assert.That(run.TextOf("tls"), Does.StartWith("the certificate is for localhost, 127.0.0.1; issued by \"Test issuer\""));
    }
}
