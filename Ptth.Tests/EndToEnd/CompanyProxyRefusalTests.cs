using System.Net;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>What a real Squid and tinyproxy have against a proxy of ours, and what its log says of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class CompanyProxyRefusalTests : EndToEndTest
{
    /// <summary>Where no relay is.</summary>
    private readonly IPEndPoint _relay = FreePort.Take();

    [Test]
    [CancelAfter(60_000)]
    public async Task It_asks_for_a_login([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        CompanyProxy company = await StartAsync(new CompanyProxyPlan(kind) { HasLogin = true }, token);
        RunningProgram proxy = Run(company.BareUrl, tls);

        string line = await proxy.WaitForLineAsync("the relay cannot be used: ");
        Assert.That(line, Does.Contain($"the proxy {company.EndPoint} asks for a user and a password for \"{RealmOf(kind)}\" (407); give them in its URL"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_does_not_know_the_login([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        CompanyProxy company = await StartAsync(new CompanyProxyPlan(kind) { HasLogin = true }, token);
        RunningProgram proxy = Run($"http://jo:hunter2@{company.EndPoint}", tls);

        string line = await proxy.WaitForLineAsync("the relay cannot be used: ");
        Assert.That(line, Does.Contain($"the proxy {company.EndPoint} refuses the user or the password for \"{RealmOf(kind)}\" ({(kind == CompanyProxyKind.Squid ? 407 : 401)})"));
        Assert.That(proxy.Log.Text, Does.Not.Contain("hunter2"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_forbids_the_way([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        CompanyProxy company = await StartAsync(new CompanyProxyPlan(kind) { Refuses = true }, token);
        RunningProgram proxy = Run(company.BareUrl, tls);

        string line = await proxy.WaitForLineAsync("the relay cannot be used: ");
        string request = tls ? $"CONNECT to port {_relay.Port}" : $"POST to http://{_relay}/";
        Assert.That(line, Does.Contain($"the proxy {company.EndPoint} forbids the way to the relay (403); whoever runs it must allow {request}"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_cannot_reach_the_relay([Values] CompanyProxyKind kind, [Values] bool tls, CancellationToken token)
    {
        CompanyProxy company = await StartAsync(new CompanyProxyPlan(kind), token);
        RunningProgram proxy = Run(company.BareUrl, tls);

        string line = await proxy.WaitForLineAsync("the relay cannot be used: ");
        Assert.That(line, Does.Match($"the proxy {company.EndPoint} answered 50[0-4]"));
    }

    [Test]
    public async Task It_is_not_there([Values] bool tls)
    {
        IPEndPoint nobody = FreePort.Take();
        RunningProgram proxy = Run($"http://jo:hunter2@{nobody}", tls);

        string line = await proxy.WaitForLineAsync("the relay cannot be used: ");
        Assert.That(line, Does.Contain($"cannot reach the proxy {nobody}: {nobody}: connection refused"));
        Assert.That(proxy.Log.Text, Does.Not.Contain("hunter2"));
    }

    /// <remarks>The proxy alone knows the relay's name: nothing of it is looked up here.</remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task The_environment_names_it_and_it_resolves_the_name_of_a_relay_whose_401_stays_the_relay_s(CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);
        CompanyProxy company = await CompanyProxy.StartAsync(
            Scope, new CompanyProxyPlan(CompanyProxyKind.Squid) { HasLogin = true, RelayPort = rig.RelayEndPoint.Port, Hosts = "127.0.0.1 relay.test" }, token);
        RunningProgram proxy = Scope.Start(
            "server-side proxy",
            Repository.Proxy,
            ["server", "--relay", $"http://relay.test:{rig.RelayEndPoint.Port}", "--key-file", await WriteKeyAsync(token), "--port", "x=127.0.0.1:1"],
            environment: new Dictionary<string, string> { ["http_proxy"] = company.Url, ["HTTP_PROXY"] = "http://192.0.2.1:1", ["no_proxy"] = "127.0.0.1" });

        await proxy.WaitForLineAsync($"the way to the relay leads through the proxy {company.EndPoint}, by http_proxy");
        await proxy.WaitForLineAsync("the relay cannot be used: the relay answered 401 (");
    }

    private static string RealmOf(CompanyProxyKind kind) => kind == CompanyProxyKind.Squid ? "the company" : "Tinyproxy";

    private Task<CompanyProxy> StartAsync(CompanyProxyPlan plan, CancellationToken token) => CompanyProxy.StartAsync(Scope, plan with { RelayPort = _relay.Port }, token);

    /// <summary>A server-side proxy for a relay that is not there.</summary>
    private RunningProgram Run(string httpProxy, bool tls) => Scope.Start(
        "server-side proxy",
        Repository.Proxy,
        ["server", "--relay", $"{(tls ? "https" : "http")}://{_relay}", "--proxy", httpProxy, "--port", "x=127.0.0.1:1"],
        environment: new Dictionary<string, string> { ["PTTH_KEY"] = "ptth_" + new string('A', 43) });

    private async Task<string> WriteKeyAsync(CancellationToken token) => Scope.Folder.Write("strange.key", (await MadeKey.MakeAsync(token)).Key + "\n");
}
