using System.Net;
using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Audit;

/// <summary>What a relay's requests leave in its audit log.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AuditedRelayTests : InProcessTest
{
    private readonly TempDirectory _directory;
    private readonly InProcessRelay _relay;

    public AuditedRelayTests()
    {
        _directory = Own(new TempDirectory());
        _relay = Own(new InProcessRelay(limits: new RelayLimits { MaxTunnelsPerClient = 1 }, change: static (config, now) => config with
        {
            Servers =
            [
                new ServerEntry("home", new PartyKey(InProcessRelay.Home.Hash())),
                new ServerEntry("office", new PartyKey(InProcessRelay.Office.Hash(), now)),
                new ServerEntry("far", new PartyKey(InProcessRelay.Phone.Hash())) { AllowFrom = [IPNetwork.Parse("192.0.2.0/24")] },
            ],
            Clients = config.Clients.Where(static client => client.Name != "phone").ToList(),
        }));
        _relay.Context.Audit.Use(new AuditFile(_directory.PathOf("audit.log"), "relay.toml", 1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Failed_authentications_say_why_and_whose(CancellationToken token)
    {
        await _relay.AskAsync("listen/ssh", null, token);
        await _relay.AskAsync("listen/ssh?key=secret", PtthKey.Generate(), token);
        await _relay.AskAsync("listen/ssh", InProcessRelay.Office, token);
        await _relay.AskAsync("listen/ssh", InProcessRelay.Phone, token, method: "GET");
        await _relay.AskAsync("no-such-path", null, token);

        Assert.That(Events("verdict", "owner", "method", "path", "status"), Is.EqualTo(new[]
        {
            "authentication_failed missing - POST /v1/listen/ssh 401",
            "authentication_failed unknown - POST /v1/listen/ssh 401",
            "authentication_failed expired office POST /v1/listen/ssh 401",
            "authentication_failed wrong_address far GET /v1/listen/ssh 401",
        }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Connects_say_how_they_came_out(CancellationToken token)
    {
        await _relay.AskAsync("connect/office/ssh", InProcessRelay.Laptop, token);
        await _relay.AskAsync("connect/missing/ssh", InProcessRelay.Laptop, token);
        await _relay.AskAsync("connect/home/-", InProcessRelay.Laptop, token);
        await _relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n");
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await _relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        await _relay.AskAsync($"reject/{id}", InProcessRelay.Home, token, "Content-Type: application/problem+json\r\n", "{\"type\":\"urn:ptth:target-refused\"}");
        await connect.ReadMessageAsync(token);

        Assert.That(Events("client", "server", "port", "outcome"), Is.EqualTo(new[]
        {
            "connect laptop office ssh not_allowed",
            "connect laptop missing ssh unknown_server",
            "connect laptop home - bad_name",
            "connect laptop home ssh nobody_listening",
            "connect laptop home ssh accepted",
            "connect laptop home ssh too_many_tunnels",
            "connect laptop home ssh rejected",
        }));
        Assert.That(Events("id")[4], Is.EqualTo($"connect {tunnel.Id}"));
    }

    /// <summary>The lines so far: each its event and those values, a dash for what it does not have.</summary>
    private string[] Events(params string[] names)
    {
        _relay.Context.Audit.Dispose();
        return [.. File.ReadAllLines(_directory.PathOf("audit.log")).Select(line =>
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            return string.Join(' ', names.Prepend("event").Select(name => json.TryGetProperty(name, out JsonElement value) ? value.ToString() : "-"));
        })];
    }
}
