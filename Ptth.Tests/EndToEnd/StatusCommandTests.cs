using System.Text.Json;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary><c>ptth-relay status</c> as published, with a relay that carries a tunnel.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StatusCommandTests : EndToEndTest
{
    private readonly System.Net.IPEndPoint _admin = FreePort.Take();

    [Test]
    [CancelAfter(60_000)]
    public async Task A_tunnel_is_to_be_seen_in_text_and_in_JSON_and_live(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { ["echo"] = echo.EndPoint }, RelayKeys = $"admin = \"{_admin}\"" }, token);
        using var socket = await rig.ConnectAsync("echo", token);
        await socket.SendAllAsync(new byte[1], token);
        await socket.ReceiveExactlyAsync(new byte[1], token);

        var text = await Command.RunAsync(Repository.Relay, ["status", "--config", Scope.Folder.File("relay.toml")], token);
        var json = await Command.RunAsync(Repository.Relay, ["status", "--admin", $"{_admin}", "--json"], token);

        Assert.That(text.ExitCode, Is.Zero, text.ToString());
        Assert.That(text.Output, Does.Match($@"\n{rig.ServerName}/echo +online .* 1\n").And.Match($@"\n{rig.ClientName} -> {rig.ServerName}/echo +open "));
        Assert.That(JsonDocument.Parse(json.Output).RootElement.GetProperty("open_tunnels").GetArrayLength(), Is.EqualTo(1));

        var lines = Scope.Start("status", Repository.Relay, ["status", "--admin", $"{_admin}", "--watch"]);
        await lines.WaitForLineAsync(" running, 1 tunnel, 0 waiting, ");
        lines.Send(RunningProgram.Signal.Interrupt);
        Assert.That(await lines.WaitForExitAsync(TimeSpan.FromSeconds(10)), Is.Zero);
        Assert.That(lines.Log.Text, Does.Not.Contain('\u001b'));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task On_a_terminal_it_is_drawn_in_place_and_waits_for_a_relay_that_is_away(CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { RelayKeys = $"admin = \"{_admin}\"" }, token);
        var terminal = PseudoTerminal.Start(Scope, Repository.Relay, ["status", "--admin", $"{_admin}", "--watch"],
            new Dictionary<string, string> { ["TERM"] = "xterm", ["COLUMNS"] = "70", ["LINES"] = "12" });

        await terminal.WritesAsync("ptth-relay 0.1.0: running, up for ", token);
        await rig.Relay.KillAsync();
        await terminal.WritesAsync("the relay does not answer, trying again", token);
        var before = terminal.Output.Length;
        await rig.StartRelayAsync();
        // It asks once a second: the new relay may be older than that by then.
        await terminal.WritesAsync("\u001b[Hptth-relay 0.1.0: running, up for ", token, before);

        await terminal.EndAsync(token);
        Assert.That(terminal.Output.Split("\u001b[H").Skip(1).Select(static screen => screen.Count(static c => c == '\n')), Has.All.LessThan(13), "within the screen");
        Assert.That(terminal.Output, Does.Contain("\u001b[?25h"), "the cursor is back");
    }
}
