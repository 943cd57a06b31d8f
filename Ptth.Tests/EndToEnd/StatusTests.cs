using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Every refusal, as curl sees it: the status, the fields that belong to it, and the problem.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StatusTests : EndToEndTest
{
    private const string Streaming = "Transfer-Encoding: chunked";

    [Test]
    [CancelAfter(30_000)]
    public async Task Health_is_for_anyone(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);

        var answer = await Curl.AskAsync(rig, "GET", "/v1/health", null, token);

        Assert.That((answer.Status, answer.Body.TrimEnd()), Is.EqualTo((200, "ok")));
        Assert.That(answer.Fields["Content-Type"], Does.StartWith("text/plain"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nobody_listening_is_503_after_the_wait([Values("0", "1")] string wait, CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);

        var answer = await Curl.AskAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token, "-H", $"Prefer: wait={wait}");

        AssertProblem(answer, 503);
        Assert.That(answer.Fields, Does.ContainKey("Retry-After"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_target_that_refuses_is_502(CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, "closed", FreePort.Take(), token);

        var answer = await Curl.AskAsync(rig, "POST", rig.ConnectPath("closed"), rig.ClientKey, token);
        var end = await TcpStreams.ConnectAndReadAsync(rig.Forward("closed"), token);

        AssertProblem(answer, 502, "urn:ptth:target-refused");
        Assert.That(end, Is.EqualTo(new StreamEnd(0, EndKind.Broken)), "what a TCP client sees");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_target_that_hangs_is_502(CancellationToken token)
    {
        using var target = new FullListener();
        var rig = await TunnelRig.StartAsync(Scope, "hanging", target.EndPoint, token);

        var answer = await Curl.AskAsync(rig, "POST", rig.ConnectPath("hanging"), rig.ClientKey, token, "-H", "Prefer: wait=30");

        AssertProblem(answer, 502, "urn:ptth:target-timeout");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_that_the_relay_does_not_know_is_401(
        [Values("none", "unknown", "malformed", "other scheme")] string kind,
        [Values("/v1/listen/ssh", "/v1/connect/a/b", "/v1/accept/AAAAAAAAAAAAAAAAAAAAAA")] string path,
        CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var unknown = await MadeKey.MakeAsync(token);
        string[] arguments = kind switch
        {
            "unknown" => Curl.Authorization(unknown),
            "malformed" => ["-H", $"Authorization: Bearer {rig.ClientKey.Key}x"],
            "other scheme" => ["-H", $"Authorization: Basic {rig.ClientKey.Key}"],
            _ => [],
        };

        var answer = await Curl.AskAsync(rig, "POST", path, null, token, arguments);

        AssertProblem(answer, 401);
        Assert.That(answer.Fields["WWW-Authenticate"], Does.StartWith("Bearer"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_a_known_key_may_not_do_is_403(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);

        var foreignServer = await Curl.AskAsync(rig, "POST", $"/v1/connect/{rig.OtherServerName}/ssh", rig.ClientKey, token);
        var unheardOf = await Curl.AskAsync(rig, "POST", $"/v1/connect/{Scope.NewName()}/ssh", rig.ClientKey, token);
        var clientListens = await Curl.AskAsync(rig, "POST", "/v1/listen/ssh", rig.ClientKey, token);
        var serverConnects = await Curl.AskAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ServerKey, token);

        AssertProblem(foreignServer, 403);
        AssertProblem(unheardOf, 403);
        AssertProblem(clientListens, 403);
        AssertProblem(serverConnects, 403);

        // A server that exists and one that does not look the same to who may reach neither.
        Assert.That(unheardOf.Body, Is.EqualTo(foreignServer.Body));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_not_there_is_404(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var id = Scope.Faker.Random.String2(22, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

        AssertProblem(await Curl.AskAsync(rig, "POST", $"/v1/connect/{rig.MissingServerName}/ssh", rig.ClientKey, token), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", "/v1/nothing", rig.ClientKey, token), 404);
        AssertProblem(await Curl.AskAsync(rig, "GET", "/v2/health", null, token), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", "/v1/accept/" + id, rig.ServerKey, token), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", "/v1/upstream/" + id, rig.ClientKey, token, "-H", Streaming, "-d", "x"), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", "/v1/downstream/" + id, rig.ServerKey, token, "-H", Streaming, "-d", "x"), 404);
        AssertProblem(
            await Curl.AskAsync(rig, "POST", "/v1/reject/" + id, rig.ServerKey, token, "-H", "Content-Type: application/problem+json", "-d", "{}"),
            404);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_foreign_id_is_404_for_everyone_else(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);

        AssertProblem(await Curl.AskAsync(rig, "POST", $"/v1/upstream/{tunnel.Id}", rig.OtherClientKey, token, "-H", Streaming, "-d", "x"), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", $"/v1/accept/{tunnel.Id}", rig.OtherServerKey, token), 404);
        AssertProblem(await Curl.AskAsync(rig, "POST", $"/v1/downstream/{tunnel.Id}", rig.OtherServerKey, token, "-H", Streaming, "-d", "x"), 404);

        await tunnel.AssertCarriesAsync(Scope, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wrong_method_is_405_with_the_right_ones(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);

        var connect = await Curl.AskAsync(rig, "GET", rig.ConnectPath("ssh"), rig.ClientKey, token);
        var listen = await Curl.AskAsync(rig, "DELETE", "/v1/listen/ssh", rig.ServerKey, token);
        var health = await Curl.AskAsync(rig, "POST", "/v1/health", null, token);

        AssertProblem(connect, 405);
        Assert.That(connect.Fields["Allow"], Is.EqualTo("POST"));
        AssertProblem(listen, 405);
        Assert.That(listen.Fields["Allow"].Split(", "), Is.EquivalentTo(new[] { "GET", "POST" }));
        AssertProblem(health, 405);
        Assert.That(health.Fields["Allow"].Split(", "), Does.Contain("GET"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_streaming_request_in_HTTP_1_0_is_426(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);

        var connect = await Curl.AskAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token, "--http1.0");
        var health = await Curl.AskAsync(rig, "GET", "/v1/health", null, token, "--http1.0");

        AssertProblem(connect, 426);
        Assert.That(connect.Problem("detail"), Does.Contain("proxy_http_version 1.1"), "the remedy in nginx, the usual intermediary");
        Assert.That(health.Status, Is.EqualTo(200), "no stream, no need");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_over_a_bound_is_refused(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var much = new string('a', 100_000);

        AssertProblem(await Curl.AskAsync(rig, "GET", "/v1/health?" + much, null, token), 414);
        AssertProblem(await Curl.AskAsync(rig, "GET", "/v1/health", null, token, "-H", "X-Much: " + much), 431);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task After_a_refusal_the_connection_goes_on(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var http = await RawHttp.OpenAsync(rig.RelayEndPoint, token);

        foreach (var (path, status) in new[] { ("/v1/nothing", 404), (rig.ConnectPath("a/b"), 404), ("/v1/listen/ssh", 403) })
        {
            // Its body is drained, so that what follows is not taken for part of it.
            await http.SendRequestAsync("POST", path, rig.ClientKey, token, "Content-Length: 30000\r\n");
            await http.SendAsync(new string('x', 30_000), token);
            var answer = await http.ReadHeadAsync(token);
            await http.ReadBodyAsync(answer, token);
            Assert.That(answer.Status, Is.EqualTo(status), path);
        }

        await http.SendRequestAsync("GET", "/v1/health", rig.ClientKey, token);
        Assert.That((await http.ReadHeadAsync(token)).Status, Is.EqualTo(200));
    }

    private static void AssertProblem(CurlAnswer answer, int status, string type = "about:blank")
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Status, Is.EqualTo(status), answer.Body);
            Assert.That(answer.Fields.GetValueOrDefault("Content-Type"), Is.EqualTo("application/problem+json"));
            Assert.That(answer.Problem("type"), Is.EqualTo(type));
            Assert.That(answer.Problem("status"), Is.EqualTo($"{status}"));
            Assert.That(answer.Problem("title"), Is.Not.Empty);
            Assert.That(answer.Problem("detail"), Is.Not.Empty);
        }
    }
}
