using System.Net;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>What the doctor says of the first steps to a relay: name, connection, TLS, relay, key.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DoctorTests : EndToEndTest
{
    private static readonly string[] Quick = ["--idle", "0", "--no-throughput"];
    private static readonly Dictionary<string, string> StrangeKey = new() { ["PTTH_KEY"] = "ptth_" + new string('A', 43) };

    [TestCase("server")]
    [TestCase("client")]
    [CancelAfter(60_000)]
    public async Task It_finds_nothing_at_a_relay_of_its_own_network_and_says_whose_the_key_is(string party, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan(), token);
        string config = Scope.Folder.File($"{party}.toml");

        DoctorRun run = await DoctorRun.OfAsync(["--config", config, .. Quick], token);

        Assert.That(run.Findings, Is.Empty, run.ToString());
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.TextOf("key"), Does.Contain($"a {party}'s"));
        Assert.That(run.TextOf("tcp"), Does.StartWith($"{rig.RelayEndPoint} takes connections"));
        Assert.That(run.Steps.Where(step => step.Result is not ("ok" or "skipped")), Is.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task People_are_told_each_step_and_that_nothing_was_found(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan(), token);

        CommandResult run = await Command.RunAsync(
            Repository.Proxy, ["doctor", "--relay", rig.RelayUrl, "--key-file", Scope.Folder.File("client.key"), .. rig.ProxyTrust, .. Quick], token);

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output, Does.Match(@"(?s)^name +ok +127\.0\.0\.1 is an address.*\nrelay +ok .*\nkey +ok .*\n\nNothing found\.\n$"));
        Assert.That(run.Output, Does.Not.Contain("\u001b").And.Not.Contain(rig.ClientKey.Key));
        Assert.That(run.Errors, Is.Empty);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_key_that_the_relay_does_not_know(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan(), token);

        DoctorRun run = await DoctorRun.OfAsync(["--relay", rig.RelayUrl, .. rig.ProxyTrust], token, StrangeKey);

        AssertFails(run, "key", "the relay answered 401");
        Assert.That(run.TextOf("key"), Does.Contain("check that the relay's configuration has this key's hash"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_port_where_nobody_listens(CancellationToken token)
    {
        IPEndPoint nobody = FreePort.Take();

        DoctorRun run = await DoctorRun.OfAsync(["--relay", $"http://{nobody}"], token, StrangeKey);

        AssertFails(run, "tcp", $"{nobody}: connection refused; check that the relay");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_name_that_does_not_exist(CancellationToken token)
    {
        DoctorRun run = await DoctorRun.OfAsync(["--relay", "http://relay.invalid", "--proxy", "none"], token, StrangeKey);

        AssertFails(run, "name", "cannot resolve relay.invalid");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_certificate_for_another_host(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = MadeCertificate.Authority("root").Issue(["other.example"]) }, token);

        DoctorRun run = await DoctorRun.OfAsync(Scope, rig, token);

        AssertFails(run, "tls", "it is for other.example, not for 127.0.0.1");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_certificate_of_an_authority_that_is_not_trusted(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = MadeCertificate.Authority("root").Issue(["127.0.0.1"]) }, token);

        DoctorRun run = await DoctorRun.OfAsync(["--relay", rig.RelayUrl], token, StrangeKey);

        AssertFails(run, "tls", "the system does not trust its issuer, \"root\"");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_certificate_that_is_about_to_expire(CancellationToken token)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        MadeCertificate certificate = MadeCertificate.Authority("root").Issue(["127.0.0.1"], now.AddDays(-80), now.AddDays(9.5));
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = certificate }, token);

        DoctorRun run = await DoctorRun.OfAsync(Scope, rig, token, Quick);

        Assert.That(run.Findings, Is.EqualTo(new[] { "certificate-expires" }), run.ToString());
        Assert.That(run.MeasuredBy("tls", "certificate_days"), Is.EqualTo(9));
        Assert.That(run.ExitCode, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Tls_where_there_is_none(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);

        DoctorRun run = await DoctorRun.OfAsync(["--relay", $"https://{rig.RelayEndPoint}"], token, StrangeKey);

        AssertFails(run, "tls", "its URL begins with http://");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_web_server_that_is_no_relay(CancellationToken token)
    {
        Nginx nginx = await Nginx.StartAsync(Scope);

        DoctorRun run = await DoctorRun.OfAsync(["--relay", $"http://{nginx.EndPoint}"], token, StrangeKey);

        AssertFails(run, "relay", "the answer 404 is not a relay's");
        Assert.That(run.TextOf("relay"), Does.Contain("It is a web page of nginx/"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_page_that_is_there_whatever_is_asked_for(CancellationToken token)
    {
        DoctorRun run = await RunBehindNginxAsync("default_type text/html; return 200 '<h1>It works</h1>';", token);

        AssertFails(run, "relay", "the answer 200 is not a relay's");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_relay_that_what_is_in_front_of_it_cannot_reach(CancellationToken token)
    {
        DoctorRun run = await RunBehindNginxAsync("return 502;", token);

        AssertFails(run, "relay", "the answer 502 is not a relay's: what stands in front of the relay cannot reach it; check that the relay runs");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_path_that_is_not_the_relays_base_path(CancellationToken token)
    {
        DoctorRun run = await RunBehindNginxAsync("", token, "/tunnel/v1");

        AssertFails(run, "relay", "the relay answered 404");
        Assert.That(run.TextOf("relay"), Does.Contain("It came through nginx/").And.EndWith("base_path in the relay's configuration has to be the path of this URL"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_redirect(CancellationToken token)
    {
        DoctorRun run = await RunBehindNginxAsync("return 301 https://site.example/v1/health;", token);

        AssertFails(run, "relay", "It is a redirect of nginx/");
        Assert.That(run.TextOf("relay"), Does.EndWith("its URL is https://site.example/v1"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Through_a_companys_proxy([Values] CompanyProxyKind kind, [Values] bool tls, [Values] bool login, CancellationToken token)
    {
        var plan = new RigPlan { Certificate = tls ? TestTls.Relay : null, Company = new CompanyProxyPlan(kind) { HasLogin = login } };
        TunnelRig rig = await TunnelRig.StartAsync(Scope, plan, token);

        DoctorRun run = await DoctorRun.OfAsync(["--config", Scope.Folder.File("client.toml"), .. Quick], token);

        Assert.That(run.TextOf("proxy"), Does.StartWith($"{rig.Company!.EndPoint}, by proxy{(login ? ", with a user and a password" : "")}: "));
        Assert.That(run.ToString(), Does.Not.Contain("p:s/s").And.Not.Contain("secret"));
        // Over http:// each request takes a connection from there to the relay, and with tinyproxy another one to it.
        string[] found = tls ? [] : [kind == CompanyProxyKind.Squid ? "relay-connections-closed" : "connections-closed"];
        Assert.That(run.Findings, Is.EqualTo(found), run.ToString());
        if (!tls) Assert.That(run.DirectivesAt("server.toml, client.toml"), Has.One.StartWith("relay = \"https://"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_companys_proxy_that_asks_for_a_login([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        var company = await CompanyProxy.StartAsync(Scope, new CompanyProxyPlan(kind) { HasLogin = true, RelayPort = 1 }, token);

        DoctorRun run = await DoctorRun.OfAsync(["--relay", $"{(tls ? "https" : "http")}://127.0.0.1:1", "--proxy", company.BareUrl], token, StrangeKey);

        AssertFails(run, tls ? "proxy" : "relay", "asks for a user and a password");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_companys_proxy_that_is_not_there(CancellationToken token)
    {
        IPEndPoint nobody = FreePort.Take();

        DoctorRun run = await DoctorRun.OfAsync(["--relay", "http://relay.example", "--proxy", $"http://jo:hunter2@{nobody}"], token, StrangeKey);

        AssertFails(run, "tcp", $"{nobody}: connection refused; check that the HTTP proxy runs there");
        Assert.That(run.ToString(), Does.Not.Contain("hunter2"));
    }

    /// <summary>A run with a key that nobody knows, through an nginx in front of a relay, whose location has those directives.</summary>
    private async Task<DoctorRun> RunBehindNginxAsync(string directives, CancellationToken token, string path = "")
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);
        ProxiedRelay relay = await ProxiedRelay.StartAsync(Scope, rig, directives);
        return await DoctorRun.OfAsync(["--relay", $"http://{relay.EndPoint}{path}"], token, StrangeKey);
    }

    /// <summary>The step failed with that text, those before did not, and those behind it were not taken.</summary>
    private static void AssertFails(DoctorRun run, string step, string text)
    {
        Assert.That(run.ResultOf(step), Is.EqualTo("failed"), run.ToString());
        Assert.That(run.TextOf(step), Does.Contain(text));
        Assert.That(run.Steps.TakeWhile(one => one.Name != step).Select(one => one.Result), Has.All.AnyOf("ok", "skipped"), run.ToString());
        Assert.That(run.Steps.SkipWhile(one => one.Name != step).Skip(1).Select(one => one.Result), Has.All.EqualTo("skipped"), run.ToString());
        Assert.That(run.ExitCode, Is.EqualTo(1));
    }
}
