using System.Net;
using NUnit.Framework;
using Ptth.Relay.Admin.Status;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The admin listener of the published relay: what curl and Prometheus's own tool make of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AdminTests : EndToEndTest
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Status_metrics_and_closing_a_tunnel(CancellationToken token)
    {
        IPEndPoint admin = FreePort.Take();
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { ["echo"] = echo.EndPoint }, RelayTables = $"admin = \"{admin}\"" }, token);
        using var client = await rig.ConnectAsync("echo", token);
        await client.SendAllAsync("hello"u8.ToArray(), token);
        await client.ReceiveExactlyAsync(new byte[5], token);

        // Bytes are counted once they have been sent on.
        TunnelStatus tunnel = null!;
        await Eventually.HoldsAsync(
            async () => (tunnel = (await RelayStatus.AskAsync(admin, token)).OpenTunnels.Single()) is { BytesUp: >= 5, BytesDown: >= 5 },
            () => $"five bytes each way are counted: {tunnel}",
            TimeSpan.FromSeconds(10),
            token);
        Assert.That((tunnel.Client, tunnel.Server, tunnel.Port, tunnel.State, tunnel.BytesUp, tunnel.BytesDown),
            Is.EqualTo((rig.ClientName, rig.ServerName, "echo", "open", 5L, 5L)));
        CommandResult metrics = await CurlAsync(token, $"http://{admin}/metrics");
        Assert.That(metrics.Output, Does.Contain("\nptth_relay_tunnels_open 1\n").And.Contain($"\nptth_relay_server_online{{server=\"{rig.ServerName}\"}} 1\n"));
        CommandResult judged = await Command.RunAsync("promtool", ["check", "metrics"], token, metrics.Output);
        Assert.That((judged.ExitCode, judged.Output, judged.Errors), Is.EqualTo((0, "", "")));
        CommandResult page = await CurlAsync(token, $"http://{admin}/");
        Assert.That(page.Output, Does.StartWith("<!").And.EndWith("</html>\n"));

        CommandResult closed = await CurlAsync(token, "-X", "POST", "-H", "Ptth-Admin: 1", "-w", "%{http_code}", $"http://{admin}/api/v1/tunnels/{tunnel.Id}/close");
        Assert.That(closed.Output, Is.EqualTo("204"));
        await Eventually.HoldsAsync(() => client.IsReset(), () => "the client sees a break", TimeSpan.FromSeconds(5), token);
        Assert.That((await RelayStatus.AskAsync(admin, token)).Tunnels.Ended["closed"], Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task It_answers_while_the_relay_drains(CancellationToken token)
    {
        IPEndPoint admin = FreePort.Take();
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { ["echo"] = echo.EndPoint }, RelayTables = $"admin = \"{admin}\"", RelayDrainSeconds = 60 }, token);
        using var client = await rig.ConnectAsync("echo", token);
        await client.SendAllAsync("hello"u8.ToArray(), token);
        await client.ReceiveExactlyAsync(new byte[5], token);
        Assert.That((await CurlAsync(token, "-w", "%{http_code}", $"http://{admin}/readyz")).Output, Is.EqualTo("ok\n200"));

        rig.Relay.Send(RunningProgram.Signal.Terminate);

        await Eventually.HoldsAsync(async () => (await CurlAsync(token, "-w", "%{http_code}", $"http://{admin}/readyz")).Output.EndsWith("503", StringComparison.Ordinal), () => "readiness says 503", TimeSpan.FromSeconds(10), token);
        StatusDocument status = await RelayStatus.AskAsync(admin, token);
        Assert.That((status.State, status.OpenTunnels.Count), Is.EqualTo(("draining", 1)));
        client.Dispose();
        Assert.That(await rig.Relay.WaitForExitAsync(TimeSpan.FromSeconds(20)), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task An_address_that_is_taken_ends_the_relay(CancellationToken token)
    {
        using var other = TcpService.Echo();
        string path = Scope.Folder.Write("relay.toml", $"listen = [\"127.0.0.1:0\"]\nadmin = \"{other.EndPoint}\"\n");

        CommandResult run = await Command.RunAsync(Repository.Relay, ["run", "--config", path], token);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Errors, Does.Contain($"cannot listen on {other.EndPoint}"));
    }

    private static Task<CommandResult> CurlAsync(CancellationToken token, params string[] arguments) =>
        Command.RunAsync("curl", ["-sS", "--max-time", "20", .. arguments], token);
}
