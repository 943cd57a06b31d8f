using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>A relay below a path of a site that is somebody else's.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SiteTests : BehindTest
{
    [Test]
    [CancelAfter(60_000)]
    public async Task The_site_goes_on_serving_the_rest([Values] Intermediary front, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Front = front }, token);

        var site = await Curl.AskAsync(rig, "GET", "/", null, token);
        var health = await Curl.AskAsync(rig, "GET", rig.BasePath + "/health", null, token);
        var refused = await Curl.AskAsync(rig, "POST", rig.BasePath + "/listen/x", null, token, "-H", "Content-Length: 0");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((site.Status, site.Body), Is.EqualTo((200, ReverseProxy.SiteText)));
            Assert.That((health.Status, health.Body), Is.EqualTo((200, "ok\n")));
            Assert.That(refused.Status, Is.EqualTo(401));
            Assert.That(refused.Problem("detail"), Does.Contain("Bearer"));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_relay_knows_the_client_s_address_whatever_the_client_says_of_itself([Values] Intermediary front, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Front = front }, token);

        var refused = await Curl.AskAsync(
            rig, "POST", rig.BasePath + "/listen/x", null, token,
            "-H", "Content-Length: 0", "-H", "X-Forwarded-For: 198.51.100.1", "-H", "Forwarded: for=198.51.100.2", "--interface", "127.0.0.2");

        Assert.That(refused.Status, Is.EqualTo(401));
        Assert.That(await rig.Relay.WaitForLineAsync("refused with 401"), Does.Contain(" 127.0.0.2: POST"));
    }
}
