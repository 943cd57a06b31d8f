using System.Globalization;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The proxies' line at the bottom of a real pseudo terminal, and its absence everywhere else.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class LiveLineTests : EndToEndTest
{
    [Test]
    [CancelAfter(60_000)]
    public async Task A_client_shows_its_relay_and_its_tunnels_below_the_log(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        var local = FreePort.Take();
        var terminal = Start(["client", "--config", Scope.Folder.File("client.toml"), "-L", $"{local}={rig.ServerName}/echo"]);
        var relay = rig.RelayEndPoint.ToString();

        await terminal.ShowsAsync($"connected to {relay} for ", token);
        await terminal.ShowsAsync(" | 0 tunnels", token);
        using (var socket = await TcpStreams.ConnectAsync(local, token))
        {
            var bytes = Scope.Faker.Random.Bytes(50_000);
            var echoed = new byte[bytes.Length];
            await socket.SendAllAsync(bytes, token);
            await socket.ReceiveExactlyAsync(echoed, token);
            await terminal.ShowsAsync(" | 1 tunnel | up ", token);
            await terminal.ShowsAsync("in all 50 kB up, 50 kB down", token);
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await terminal.LogsAsync(" ended: Completed", token);
        }

        await terminal.ShowsAsync(" | 0 tunnels | up ", token);
        await rig.Relay.KillAsync();
        using (await TcpStreams.ConnectAsync(local, token))
            await terminal.ShowsAsync($"not connected to {relay}", token);

        await terminal.EndAsync(token);
        AssertLogAlone(terminal.Screen(), "ready: forwarding", "the relay answers", " ended: Completed", "draining: no new tunnels");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_server_shows_when_it_tries_again_within_the_terminals_width(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        var terminal = Start(["server", "--config", Scope.Folder.File("server.toml")], columns: 60);
        var relay = rig.RelayEndPoint.ToString();

        await terminal.ShowsAsync($"connected to {relay} for ", token);
        await rig.Relay.KillAsync();
        await terminal.ShowsAsync($"not connected to {relay}, next try in ", token);
        await rig.StartRelayAsync();
        await terminal.LogsAsync("the relay can be used again", token);
        await terminal.ShowsAsync($"connected to {relay} for ", token, after: $"not connected to {relay}");

        await terminal.EndAsync(token);
        Assert.That(terminal.LiveLines(), Has.All.Length.LessThan(60), "cut, not wrapped");
        AssertLogAlone(terminal.Screen(), "ready: serving", "the relay cannot be used", "the relay can be used again");
    }

    [TestCase("xterm", "--no-live")]
    [TestCase("xterm", "--log-format", "json")]
    [TestCase("dumb")]
    [CancelAfter(60_000)]
    public async Task It_can_be_turned_off_and_is_off_where_it_would_be_in_the_way(string term, params string[] options)
    {
        var token = CancellationToken.None;
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        var terminal = Start(
            ["client", "--config", Scope.Folder.File("client.toml"), "-L", $"{FreePort.Take()}={rig.ServerName}/echo", .. options], term: term);

        await terminal.LogsAsync("the relay answers", token);
        await terminal.EndAsync(token);

        Assert.That(terminal.Output, Does.Not.Contain("\u001b[K"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Without_a_terminal_there_is_the_log_alone(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        await rig.ClientProxy.WaitForLineAsync("the relay answers");

        rig.ClientProxy.Send(RunningProgram.Signal.Terminate);
        Assert.That(await rig.ClientProxy.WaitForExitAsync(TimeSpan.FromSeconds(10)), Is.Zero);
        Assert.That(rig.ClientProxy.Log.Text, Does.Not.Contain('\u001b'));
    }

    /// <summary>Each log line whole and on a line of its own, and nothing else.</summary>
    private static void AssertLogAlone(string[] screen, params string[] logged)
    {
        Assert.That(screen[^1], Is.Empty, "the live line is gone");
        Assert.That(screen[..^1], Has.All.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn): proxy\[\d+\] \S"));
        foreach (var line in logged)
            Assert.That(screen, Has.Some.Contains(line));
    }

    private PseudoTerminal Start(string[] arguments, int columns = 200, string term = "xterm") =>
        PseudoTerminal.Start(Scope, Repository.Proxy, arguments, new Dictionary<string, string>
        {
            ["TERM"] = term,
            ["COLUMNS"] = columns.ToString(CultureInfo.InvariantCulture),
        });
}
