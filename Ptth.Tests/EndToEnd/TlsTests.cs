using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>TLS between the published programs, and with curl; whatever <see cref="TestTls"/> says.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TlsTests : EndToEndTest
{
    private const string Port = "echo";

    private readonly MadeCertificate _authority = MadeCertificate.Authority("A root of this test");

    [Test]
    [CancelAfter(60_000)]
    public async Task A_chain_of_any_keys_is_shown_and_trusted_by_its_root([Values] KeyKind key, [Values] KeyKind issuer, CancellationToken token)
    {
        var certificate = MadeCertificate.Authority("root", issuer).IssueAuthority("between", key).Issue(["localhost", "127.0.0.1"], key);
        var rig = await StartAsync(new RigPlan { Certificate = certificate }, token);

        await ExchangeAsync(rig, token);
        var health = await Curl.AskAsync(rig, "GET", "/v1/health", null, token);
        Assert.That(health.Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_pinned_certificate_needs_neither_issuer_nor_name_nor_time(CancellationToken token)
    {
        var certificate = _authority.Issue(["elsewhere.example"], DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(-2));
        var other = MadeCertificate.SelfIssued(["x"]);
        var rig = await StartAsync(
            new RigPlan { Certificate = certificate, ProxyTls = $"pin = [\"{other.Fingerprint}\", \"{certificate.Fingerprint}\"]" }, token);

        await ExchangeAsync(rig, token);
        await rig.Relay.WaitForLineAsync("expired on");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_system_s_store_decides_where_nothing_else_is_said(CancellationToken token)
    {
        var root = Scope.Folder.Write("store.pem", _authority.RootPem);
        var rig = await StartAsync(
            new RigPlan
            {
                Certificate = _authority.Issue(["127.0.0.1"]),
                ProxyTls = "",
                ProxyEnvironment = new Dictionary<string, string> { ["SSL_CERT_FILE"] = root, ["SSL_CERT_DIR"] = Scope.Folder.Path },
            },
            token);

        await ExchangeAsync(rig, token);
    }

    [TestCase("an issuer that the system does not know", "the system does not trust its issuer", "--pin")]
    [TestCase("another certificate than the pinned one", "is not the pinned one", "ptth-relay check")]
    [TestCase("another host", "it is for elsewhere.example, not for 127.0.0.1", "use one of its names")]
    [TestCase("a certificate that has expired", "it expired on", "renew it")]
    [TestCase("another authority's file", "does not lead to an authority in the CA file", "check that file")]
    [CancelAfter(60_000)]
    public async Task A_relay_that_is_not_the_one_meant_is_refused_with_the_reason_and_the_remedy(
        string what, string reason, string remedy, CancellationToken token)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var certificate = what switch
        {
            "another host" => _authority.Issue(["elsewhere.example"]),
            "a certificate that has expired" => _authority.Issue(["127.0.0.1"], now.AddDays(-9), now.AddDays(-2)),
            _ => _authority.Issue(["127.0.0.1"]),
        };
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = certificate }, token);
        var ca = what == "another authority's file" ? Scope.Folder.Write("other.pem", MadeCertificate.Authority("Another root").RootPem) : Scope.Folder.File("root.pem");
        string[] trust = what switch
        {
            "an issuer that the system does not know" => [],
            "another certificate than the pinned one" => ["--pin", MadeCertificate.SelfIssued(["x"]).Fingerprint],
            _ => ["--ca-file", ca],
        };

        var proxy = Scope.Start(
            "server-side proxy",
            Repository.Proxy,
            ["server", "--relay", rig.RelayUrl, .. trust, "--key-file", Scope.Folder.File("server.key"), "--port", "x=127.0.0.1:1"]);

        Assert.That(await proxy.WaitForLineAsync("the relay cannot be used"), Does.Contain(reason).And.Contain(remedy));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_renewed_certificate_is_taken_into_use_under_an_open_tunnel([Values] bool signal, CancellationToken token)
    {
        var first = _authority.Issue(["localhost", "127.0.0.1"], KeyKind.Rsa);
        var rig = await StartAsync(new RigPlan { Certificate = first }, token);
        using var open = await rig.ConnectAsync(Port, token);
        await ExchangeAsync(open, token);
        Assert.That(await ShownAsync(rig, first, token), Is.True);

        var second = _authority.Issue(["localhost", "127.0.0.1"]);
        rig.WriteCertificate(second);
        if (signal) rig.Relay.Send(RunningProgram.Signal.Hangup);
        await rig.Relay.WaitForLineAsync($"in use from now on; it expires on {second.Certificate.NotAfter.ToUniversalTime():u}, {second.Fingerprint}", TimeSpan.FromSeconds(20));

        Assert.That(await ShownAsync(rig, second, token), Is.True);
        await ExchangeAsync(open, token);
        await ExchangeAsync(rig, token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Files_of_no_use_change_nothing(CancellationToken token)
    {
        var certificate = _authority.Issue(["localhost", "127.0.0.1"]);
        var rig = await StartAsync(new RigPlan { Certificate = certificate }, token);
        Scope.Folder.Write("relay.pem", _authority.Issue(["localhost"]).ChainPem);

        rig.Relay.Send(RunningProgram.Signal.Hangup);
        // One line: the relay looks at its files by itself, too, and what it may have said of them before has no place in the configuration.
        Assert.That(await rig.Relay.WaitForLineAsync("tls.private_key: "), Does.Contain("relay.toml:").And.Contain("relay-key.pem does not hold the private key"));
        await rig.Relay.WaitForLineAsync("nothing was changed");

        Assert.That(await ShownAsync(rig, certificate, token), Is.True);
        await ExchangeAsync(rig, token);
    }

    [TestCase("--tls-max 1.1", 35)]
    [TestCase("--tls-max 1.2", 0)]
    [TestCase("--tlsv1.3", 0)]
    [CancelAfter(60_000)]
    public async Task TLS_1_2_and_1_3_are_spoken_and_no_other(string version, int exitCode, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = _authority.Issue(["127.0.0.1"]) }, token);

        // The system's policy may refuse old versions by itself: at level 0 it is the relay that does.
        var curl = await Command.RunAsync(
            "curl",
            ["-sS", .. version.Split(' '), "--ciphers", "DEFAULT:@SECLEVEL=0", .. rig.CurlTrust, rig.RelayUrl + "/v1/health"],
            token);

        Assert.That(curl.ExitCode, Is.EqualTo(exitCode), curl.ToString());
        if (exitCode != 0) Assert.That(curl.Errors, Does.Contain("alert protocol version"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_wrong_scheme_is_told_to_both_sides(CancellationToken token)
    {
        var certificate = _authority.Issue(["127.0.0.1"]);
        var tls = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = certificate }, token);

        var answer = await Curl.AskAsync(token, $"http://{tls.RelayEndPoint}/v1/health");
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Problem("detail"), Does.Contain("https://"));
        await tls.Relay.WaitForLineAsync("plain bytes came to a port for TLS");
        Assert.That(await RelayLostAsync($"http://{tls.RelayEndPoint}"), Does.Contain("the URL begins with https://"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Plain_and_TLS_are_served_side_by_side(CancellationToken token)
    {
        var certificate = _authority.Issue(["127.0.0.1"]);
        var key = await MadeKey.MakeAsync(token);
        IPEndPoint plain = FreePort.Take(), tls = FreePort.Take();
        Scope.Folder.Write("cert.pem", certificate.ChainPem);
        Scope.Folder.Write("key.pem", certificate.KeyPem);
        Scope.Folder.Write("server.key", key.Key + "\n");
        var root = Scope.Folder.Write("root.pem", certificate.RootPem);
        var file = Scope.Folder.Write(
            "relay.toml",
            $"listen = [\"{plain}\"]\n[tls]\nlisten = [\"{tls}\"]\ncertificate = \"cert.pem\"\nprivate_key = \"key.pem\"\n"
            + $"[[server]]\nname = \"home\"\nkey_hash = \"{key.Hash}\"\n");
        var relay = Scope.Start("relay", Repository.Relay, ["run", "--config", file]);
        await relay.WaitUntilReadyAsync(plain.ToString(), $"{tls} (TLS)");

        Assert.That((await Curl.AskAsync(token, $"http://{plain}/v1/health")).Status, Is.EqualTo(200));
        Assert.That((await Curl.AskAsync(token, "--cacert", root, $"https://{tls}/v1/health")).Status, Is.EqualTo(200));

        var curl = await Command.RunAsync("curl", ["-sS", "--cacert", root, $"https://{plain}/v1/health"], token);
        Assert.That(curl.ExitCode, Is.EqualTo(35), curl.ToString());
        await relay.WaitForLineAsync("TLS came to a port for plain HTTP");
        Assert.That(await RelayLostAsync($"https://{plain}"), Does.Contain("its URL begins with http://"));
    }

    /// <remarks>After a handshake the session tickets make the socket readable: that must not cost a kept connection.</remarks>
    [Test]
    [CancelAfter(120_000)]
    public async Task A_hundred_tunnels_one_after_the_other_share_a_few_connections(CancellationToken token)
    {
        var rig = await StartAsync(new RigPlan { Certificate = _authority.Issue(["127.0.0.1"]) }, token);

        for (var i = 0; i < 100; i++)
            await ExchangeAsync(rig, token);

        // Four listens, two for each tunnel at either side, and some that were open a little longer than the next one's begin.
        Assert.That(ProcessFacts.ConnectionsLedTo(rig.RelayEndPoint), Is.LessThan(30));
    }

    private async Task<TunnelRig> StartAsync(RigPlan plan, CancellationToken token)
    {
        plan.Targets[Port] = Scope.Own(TcpService.Echo()).EndPoint;
        return await TunnelRig.StartAsync(Scope, plan, token);
    }

    /// <summary>What a server-side proxy with that URL says of the relay.</summary>
    private async Task<string> RelayLostAsync(string url)
    {
        var proxy = Scope.Start(
            "server-side proxy", Repository.Proxy, ["server", "--relay", url, "--key-file", Scope.Folder.File("server.key"), "--port", "x=127.0.0.1:1"]);
        return await proxy.WaitForLineAsync("the relay cannot be used");
    }

    private async Task ExchangeAsync(TunnelRig rig, CancellationToken token)
    {
        using var socket = await rig.ConnectAsync(Port, token);
        await ExchangeAsync(socket, token);
        socket.Shutdown(SocketShutdown.Send);
        Assert.That(await socket.ReceiveToEndAsync(token), Is.Empty);
    }

    private async Task ExchangeAsync(Socket socket, CancellationToken token)
    {
        var content = Scope.Faker.Random.Bytes(10_000);
        var echoed = new byte[content.Length];
        await socket.SendAllAsync(content, token);
        await socket.ReceiveExactlyAsync(echoed, token);
        Assert.That(echoed, Is.EqualTo(content));
    }

    /// <summary>Whether the relay shows that certificate to a new connection.</summary>
    private static async Task<bool> ShownAsync(TunnelRig rig, MadeCertificate expected, CancellationToken token)
    {
        await using var tls = await TestTls.OverTlsAsync(await TcpStreams.ConnectAsync(rig.RelayEndPoint, token), expected, token);
        return tls.RemoteCertificate is X509Certificate2 shown && shown.RawData.AsSpan().SequenceEqual(expected.Certificate.RawData);
    }
}
