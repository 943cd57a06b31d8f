using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// The doctor behind a real nginx that has what tunnels do not bear: it names the directive that mends it, and with that directive in the same
/// place it finds nothing.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DoctorPathTests : EndToEndTest
{
    /// <summary>All that a location with tunnels needs, besides HTTP/1.1.</summary>
    private const string Streaming = "proxy_request_buffering off; proxy_buffering off; client_max_body_size 0;";

    private static readonly string[] Quick = ["--idle", "0", "--no-throughput"];

    [Test]
    [CancelAfter(120_000)]
    public async Task Its_default_buffering(CancellationToken token)
    {
        TunnelRig rig = await StartRelayAsync(token);
        DoctorRun run = await RunAsync(rig, "client_max_body_size 0;", Quick, token);

        Assert.That(run.Findings, Is.EquivalentTo(new[] { "request-buffering", "response-buffering-unasked" }), run.ToString());
        Assert.That(run.DirectivesAt("nginx"), Is.EquivalentTo(new[] { "proxy_request_buffering off;", "proxy_buffering off;" }));
        Assert.That(run.DirectivesAt("server.toml, client.toml"), Does.Contain("upload = \"auto\"  # the default"));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        await AssertMendsAsync(rig, run, "client_max_body_size 0;", Quick, token);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Its_http_1_0_to_the_relay(CancellationToken token)
    {
        TunnelRig rig = await StartRelayAsync(token);
        DoctorRun run = await RunAsync(rig, Streaming, Quick, token, speaksHttp11: false);

        Assert.That(run.Findings, Does.Contain("http10-to-relay"), run.ToString());
        Assert.That(run.DirectivesAt("nginx", "http10-to-relay"), Is.EqualTo(new[] { "proxy_http_version 1.1;", "proxy_set_header Connection \"\";" }));
        Assert.That(run.Steps.Where(step => step.Result == "failed"), Is.Empty, run.ToString());
        await AssertMendsAsync(rig, run, Streaming, Quick, token, speaksHttp11: false);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task All_of_its_defaults_one_round_after_the_other(CancellationToken token)
    {
        TunnelRig rig = await StartRelayAsync(token);
        string directives = "";
        DoctorRun run = await RunAsync(rig, directives, Quick, token, speaksHttp11: false);
        for (int round = 0; run.Findings.Length > 0 && round < 3; round++)
        {
            directives = Mend(directives, run);
            run = await RunAsync(rig, directives, Quick, token, speaksHttp11: false);
        }

        Assert.That(run.Findings, Is.Empty, run.ToString());
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(directives, Does.Contain("proxy_http_version 1.1;").And.Contain("proxy_request_buffering off;").And.Contain("client_max_body_size 0;"));
    }

    [TestCase("10m", 10_485_760)]
    [TestCase("100k", 102_400)]
    [CancelAfter(120_000)]
    public async Task Its_bound_of_request_bodies(string bound, long bytes, CancellationToken token)
    {
        const string others = "proxy_request_buffering off; proxy_buffering off;";
        TunnelRig rig = await StartRelayAsync(token);
        string directives = $"{others} client_max_body_size {bound};";
        DoctorRun run = await RunAsync(rig, directives, Quick, token);

        Assert.That(run.Findings, Is.EqualTo(new[] { "size-cap" }), run.ToString());
        Assert.That(run.DirectivesAt("nginx"), Is.EqualTo(new[] { "client_max_body_size 0;" }));
        Assert.That(run.BoundOf("size-cap"), Is.InRange(bytes * 15 / 16, bytes));
        Assert.That(run.TextOf("size-cap"), Does.Contain("413 of nginx/"));
        await AssertMendsAsync(rig, run, directives, Quick, token);
    }

    /// <remarks>Real time is what is tested here.</remarks>
    [TestCase("proxy_read_timeout 3s;")]
    [TestCase("client_body_timeout 3s;")]
    [CancelAfter(120_000)]
    public async Task Its_cut_of_what_rests(string cut, CancellationToken token)
    {
        string[] idle = ["--idle", "8", "--no-throughput"];
        TunnelRig rig = await StartRelayAsync(token);
        DoctorRun run = await RunAsync(rig, $"{Streaming} {cut}", idle, token);

        Assert.That(run.Findings, Is.EqualTo(new[] { "idle-cut" }), run.ToString());
        Assert.That(run.DirectivesAt("nginx"), Does.Contain(cut.Replace("3s", "25h", StringComparison.Ordinal)));
        Assert.That(run.BoundOf("idle-cut"), Is.InRange(2, 7));
        Assert.That(run.DirectivesAt("server.toml, client.toml"), Is.EqualTo(new[] { $"keep_alive = {run.BoundOf("idle-cut") / 2}" }));
        await AssertMendsAsync(rig, run, $"{Streaming} {cut}", idle, token);
    }

    /// <remarks>Its default, and the doctor's.</remarks>
    [Test]
    [CancelAfter(300_000)]
    public async Task Its_cut_of_what_rests_for_a_minute(CancellationToken token)
    {
        TunnelRig rig = await StartRelayAsync(token);
        DoctorRun run = await RunAsync(rig, Streaming, [], token);

        Assert.That(run.Findings, Is.EqualTo(new[] { "idle-cut" }), run.ToString());
        Assert.That(run.BoundOf("idle-cut"), Is.InRange(58, 64));
        await AssertMendsAsync(rig, run, Streaming, [], token);
    }

    private async Task AssertMendsAsync(TunnelRig rig, DoctorRun found, string directives, string[] arguments, CancellationToken token, bool speaksHttp11 = true)
    {
        DoctorRun run = await RunAsync(rig, Mend(directives, found), arguments, token, speaksHttp11);
        Assert.That(run.Findings, Is.Empty, run.ToString());
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
    }

    /// <summary>The directives with those that the doctor names, each in place of one of the same name. How to reach the relay the file says already.</summary>
    private static string Mend(string directives, DoctorRun found)
    {
        string[] named = [.. found.DirectivesAt("nginx").Where(one => !one.StartsWith("upstream", StringComparison.Ordinal) && !one.StartsWith("proxy_pass", StringComparison.Ordinal))];
        Assert.That(named, Is.Not.Empty, found.ToString());
        string[] kept = [.. directives.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(one => named.All(other => NameOf(other) != NameOf(one))).Select(one => one + ";")];
        return string.Join('\n', [.. kept, .. named]);
    }

    private static string NameOf(string directive) => directive.StartsWith("proxy_set_header", StringComparison.Ordinal) ? directive : directive.Split(' ')[0];

    private async Task<DoctorRun> RunAsync(TunnelRig rig, string directives, string[] arguments, CancellationToken token, bool speaksHttp11 = true)
    {
        // Each nginx in a scope, and so a folder, of its own.
        await using var scope = new TestScope();
        ProxiedRelay path = await ProxiedRelay.StartAsync(scope, rig, directives, speaksHttp11);
        return await DoctorRun.OfAsync(["--relay", $"http://{path.EndPoint}", "--key-file", Scope.Folder.File("server.key"), .. arguments], token);
    }

    private Task<TunnelRig> StartRelayAsync(CancellationToken token) => TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);
}
