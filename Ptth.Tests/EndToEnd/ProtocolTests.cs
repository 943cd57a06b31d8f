using System.Diagnostics;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The protocol spoken by hand with the relay's process, as a proxy that someone else wrote would speak it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProtocolTests : EndToEndTest
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    [Test]
    [CancelAfter(30_000)]
    public async Task Directions_end_one_by_one_and_their_connections_serve_on(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);
        await tunnel.AssertCarriesAsync(Scope, token);

        await tunnel.Upstream.SendLastChunkAsync(token);
        Assert.That(await tunnel.Accept.ReadChunkAsync(token), Is.Null);
        var upstream = await tunnel.Upstream.ReadHeadAsync(token);
        Assert.That((upstream.Status, upstream["Content-Length"]), Is.EqualTo((200, "0")));

        // The other direction goes on, to an end of its own.
        var content = Scope.Faker.Random.Bytes(100_000);
        var received = new byte[content.Length];
        var reads = tunnel.Connect.ReadDataAsync(received, token);
        await tunnel.Downstream.SendChunkAsync(content, token);
        await reads;
        Assert.That(received, Is.EqualTo(content));
        await tunnel.Downstream.SendLastChunkAsync(token);
        Assert.That(await tunnel.Connect.ReadChunkAsync(token), Is.Null);
        Assert.That((await tunnel.Downstream.ReadHeadAsync(token)).Status, Is.EqualTo(200));

        foreach (var http in new[] { tunnel.Connect, tunnel.Accept, tunnel.Upstream, tunnel.Downstream })
        {
            await http.SendRequestAsync("GET", "/v1/health", rig.ClientKey, token);
            var answer = await http.ReadHeadAsync(token);
            Assert.That(Encoding.ASCII.GetString(await http.ReadBodyAsync(answer, token)).TrimEnd(), Is.EqualTo("ok"));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_break_anywhere_closes_the_other_three_without_a_last_chunk(
        [Values("connect", "accept", "upstream", "downstream")] string broken, CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var before = rig.RelaySockets();
        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);
        await tunnel.AssertCarriesAsync(Scope, token);
        var clock = Stopwatch.StartNew();

        var closed = broken switch
        {
            "connect" => tunnel.Connect,
            "accept" => tunnel.Accept,
            "upstream" => tunnel.Upstream,
            _ => tunnel.Downstream,
        };
        closed.Dispose();

        foreach (var reader in new[] { tunnel.Connect, tunnel.Accept }.Where(r => r != closed))
            Assert.That(await reader.ReadToBodyEndAsync(token), Is.EqualTo(EndKind.Broken));
        foreach (var sender in new[] { tunnel.Upstream, tunnel.Downstream }.Where(s => s != closed))
            await sender.ReadErrorOrCloseAsync(token);
        await rig.RelaySocketsFallToAsync(before, token);
        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_half_that_is_attached_already_is_409(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);
        await tunnel.AssertCarriesAsync(Scope, token);

        foreach (var (call, key) in new[] { ("accept", rig.ServerKey), ("upstream", rig.ClientKey), ("downstream", rig.ServerKey) })
        {
            using var again = await RawHttp.RequestAsync(rig, "POST", $"/v1/{call}/{tunnel.Id}", key, token, Chunked);
            await again.SendLastChunkAsync(token);
            Assert.That((await again.ReadHeadAsync(token)).Status, Is.EqualTo(409), call);
        }

        await tunnel.AssertCarriesAsync(Scope, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_accept_whose_client_has_gone_is_410(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var listen = await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token);
        string id;
        using (await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token))
            id = (await listen.ReadHeadAsync(token))["Ptth-Connection"]!;

        var answer = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                // Until the relay has seen the close, there is still a client to accept; and one that has been accepted then, until it has seen
                // the close of that, too.
                using var accept = await RawHttp.RequestAsync(rig, "POST", $"/v1/accept/{id}", rig.ServerKey, token);
                answer = (await accept.ReadHeadAsync(token)).Status;
                return answer is not (200 or 409);
            },
            () => $"the relay notices; it answered {answer}",
            TimeSpan.FromSeconds(5),
            token);

        Assert.That(answer, Is.EqualTo(410));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reject_gives_its_reason_to_the_client(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var listen = await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token);
        using var connect = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token);
        var id = (await listen.ReadHeadAsync(token))["Ptth-Connection"];
        var reason = JsonSerializer.Serialize(new { type = "urn:ptth:unknown-port", title = "Unknown port", detail = Scope.Faker.Lorem.Sentence() });

        var rejected = await Curl.AskAsync(
            rig, "POST", $"/v1/reject/{id}", rig.ServerKey, token, "-H", "Content-Type: application/problem+json", "-d", reason);
        var connected = await connect.ReadHeadAsync(token);
        using var problem = JsonDocument.Parse(await connect.ReadBodyAsync(connected, token));
        var again = await Curl.AskAsync(rig, "POST", $"/v1/accept/{id}", rig.ServerKey, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rejected.Status, Is.EqualTo(204));
            Assert.That(connected.Status, Is.EqualTo(502));
            Assert.That(problem.RootElement.GetProperty("type").GetString(), Is.EqualTo("urn:ptth:unknown-port"));
            Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(502));
            Assert.That(again.Status, Is.EqualTo(404).Or.EqualTo(410), "the id is spent");
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_server_that_takes_a_connection_and_does_not_accept_is_504(CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { RelayTables = "[timeouts]\naccept = 1" }, token);
        using var listen = await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token);
        using var connect = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token);
        Assert.That((await listen.ReadHeadAsync(token)).Status, Is.EqualTo(200));

        Assert.That((await connect.ReadHeadAsync(token)).Status, Is.EqualTo(504));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_side_that_does_not_attach_in_time_breaks_the_tunnel(CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { RelayTables = "[timeouts]\nattach = 3" }, token);
        using var listen = await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token);
        using var connect = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token);
        var id = (await listen.ReadHeadAsync(token))["Ptth-Connection"];
        using var accept = await RawHttp.RequestAsync(rig, "POST", $"/v1/accept/{id}", rig.ServerKey, token);
        using var upstream = await RawHttp.RequestAsync(rig, "POST", $"/v1/upstream/{id}", rig.ClientKey, token, Chunked);
        Assert.That((await connect.ReadHeadAsync(token)).Status, Is.EqualTo(200));
        Assert.That((await accept.ReadHeadAsync(token)).Status, Is.EqualTo(200));

        // The server's downstream does not come.
        Assert.That(await connect.ReadToBodyEndAsync(token), Is.EqualTo(EndKind.Broken));
        Assert.That(await accept.ReadToBodyEndAsync(token), Is.EqualTo(EndKind.Broken));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_curl_upload_with_a_length_is_an_upstream_too(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var listen = await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token);
        using var connect = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token);
        var id = (await listen.ReadHeadAsync(token))["Ptth-Connection"];
        using var accept = await RawHttp.RequestAsync(rig, "POST", $"/v1/accept/{id}", rig.ServerKey, token);
        using var downstream = await RawHttp.RequestAsync(rig, "POST", $"/v1/downstream/{id}", rig.ServerKey, token, Chunked);
        await connect.ReadHeadAsync(token);
        var file = await Scope.WriteRandomFileAsync("upload", 300_000, token);

        var upload = Curl.AskAsync(rig, "POST", $"/v1/upstream/{id}", rig.ClientKey, token, "--data-binary", "@" + file);
        var received = await accept.ReadBodyAsync(await accept.ReadHeadAsync(token), token);

        Assert.That(received, Is.EqualTo(await File.ReadAllBytesAsync(file, token)));
        Assert.That((await upload).Status, Is.EqualTo(200));
    }
}
