using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The programs read their configurations again at SIGHUP.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ReloadTests : EndToEndTest
{
    private const string Port = "echo";

    [Test]
    [CancelAfter(120_000)]
    public async Task A_key_that_is_taken_away_closes_its_tunnels_and_no_others(CancellationToken token)
    {
        using var service = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { [Port] = service.EndPoint } }, token);
        using var closed = await rig.ConnectAsync(Port, token);
        await ExchangeAsync(closed, token);
        var fresh = await MadeKey.MakeAsync(token);
        Scope.Folder.Write("fresh.key", fresh.Key + "\n");

        // A second client comes, at once, and stays when the first one's key goes.
        string both = await File.ReadAllTextAsync(Scope.Folder.File("relay.toml"), token)
            + $"\n[[client]]\nname = \"fresh\"\nkey_hash = \"{fresh.Hash}\"\nallow = [\"{rig.ServerName}/*\"]\n";
        Reload(rig.Relay, "relay.toml", both);
        await rig.Relay.WaitForLineAsync("configuration read again: client fresh added");
        IPEndPoint forward = FreePort.Take();
        var second = Scope.Start(
            "second client", Repository.Proxy, ["client", "--relay", rig.RelayUrl, .. rig.ProxyTrust, "--key-file", Scope.Folder.File("fresh.key"), "-L", $"{forward}={rig.ServerName}/{Port}"]);
        await second.WaitUntilReadyAsync();
        using var open = await TcpStreams.ConnectAsync(forward, token);
        await ExchangeAsync(open, token);

        var other = await MadeKey.MakeAsync(token);
        string replaced = both.Replace(rig.ClientKey.Hash, other.Hash, StringComparison.Ordinal);
        Reload(rig.Relay, "relay.toml", replaced);
        await rig.Relay.WaitForLineAsync($"configuration read again: client {rig.ClientName} changed (key)");
        Assert.That(await closed.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Broken)));
        await rig.Relay.WaitForLineAsync("ended: KeyGone by Operator");
        await ExchangeAsync(open, token);

        // What is not valid, or empty, changes nothing.
        Reload(rig.Relay, "relay.toml", replaced + "\n[sever]\n");
        await rig.Relay.WaitForLineAsync("sever: unknown key");
        await rig.Relay.WaitForLineAsync("nothing was changed");
        Reload(rig.Relay, "relay.toml", "");
        await rig.Relay.WaitForLineAsync("is empty, or a pipe");
        await ExchangeAsync(open, token);

        AssertNoKeys(rig, fresh, other);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_proxies_take_their_ports_forwards_and_keys_again(CancellationToken token)
    {
        using var service = TcpService.Echo();
        using var otherService = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { [Port] = service.EndPoint } }, token);
        using var open = await rig.ConnectAsync(Port, token);
        await ExchangeAsync(open, token);

        string server = await File.ReadAllTextAsync(Scope.Folder.File("server.toml"), token);
        Reload(rig.ServerProxy, "server.toml", $"{server}\n[[port]]\nname = \"more\"\ntarget = \"{otherService.EndPoint}\"\n");
        await rig.ServerProxy.WaitForLineAsync("configuration read again: port more added");
        IPEndPoint forward = FreePort.Take();
        using var taken = new TcpService();
        string client = await File.ReadAllTextAsync(Scope.Folder.File("client.toml"), token);
        string[] head = client.Split("[[forward]]");
        Reload(rig.ClientProxy, "client.toml", $"{head[0]}\n[[forward]]\nlisten = \"{forward}\"\nto = \"{rig.ServerName}/more\"\n[[forward]]\nlisten = \"{taken.EndPoint}\"\nto = \"x/y\"\n");
        await rig.ClientProxy.WaitForLineAsync($"cannot listen on {taken.EndPoint}");
        await rig.ClientProxy.WaitForLineAsync($"forward {forward} added");

        // The new one works, the one that was taken away lets nobody in, and its tunnel goes on.
        using (var fresh = await TcpStreams.ConnectAsync(forward, token)) await ExchangeAsync(fresh, token);
        Assert.That(async () => await rig.ConnectAsync(Port, token), Throws.InstanceOf<SocketException>());
        await ExchangeAsync(open, token);

        // What is not valid, and what needs a restart.
        Reload(rig.ClientProxy, "client.toml", client.Replace("to = ", "too = ", StringComparison.Ordinal));
        await rig.ClientProxy.WaitForLineAsync("nothing was changed");
        Reload(rig.ServerProxy, "server.toml", server + "\n[timeouts]\nresponse_head = 20\n");
        await rig.ServerProxy.WaitForLineAsync("timeouts.response_head cannot change while the proxy runs");
        await ExchangeAsync(open, token);
    }

    /// <remarks>Each reload adds a client or takes it away, so that each has something to do.</remarks>
    [Test]
    [CancelAfter(240_000)]
    public async Task Two_hundred_reloads_under_traffic_lose_nothing_and_leave_no_handles(CancellationToken token)
    {
        const int bytes = 64 * 1024 * 1024;
        using var service = TcpService.Echo();
        var plan = new RigPlan { Targets = { [Port] = service.EndPoint }, RelayKeys = "audit_log = \"audit.log\"" };
        var rig = await TunnelRig.StartAsync(Scope, plan, token);
        using var stream = await rig.ConnectAsync(Port, token);
        await ExchangeAsync(stream, token);
        long before = await rig.SettledRelaySocketsAsync(token);
        int handles = Handles(rig.Relay);

        var pattern = Scope.NewPattern();
        var sending = SendAsync(stream, pattern, bytes, token);
        var receiving = stream.ReceivePatternAsync(pattern, token);
        var extra = await MadeKey.MakeAsync(token);
        string config = await File.ReadAllTextAsync(Scope.Folder.File("relay.toml"), token);
        for (int i = 0; i < 200; i++)
        {
            string next = i % 2 == 0 ? config + $"\n[[client]]\nname = \"extra\"\nkey_hash = \"{extra.Hash}\"\nallow = [\"a/b\"]\n" : config;
            Reload(rig.Relay, "relay.toml", next);
            rig.ServerProxy.Send(RunningProgram.Signal.Hangup);
            rig.ClientProxy.Send(RunningProgram.Signal.Hangup);
            int told = i + 1;
            await Eventually.HoldsAsync(() => rig.Relay.Log.Count("configuration read again") >= told, () => $"reload {told} was told", TimeSpan.FromSeconds(10), token);
            using var newcomer = await rig.ConnectAsync(Port, token);
            await ExchangeAsync(newcomer, token);
        }

        await sending;
        Assert.That(await receiving, Is.EqualTo(new StreamEnd(bytes, EndKind.Clean)));
        // The newcomers' connections rest in the proxies' pools; what each reload left behind would be far more.
        const int pooled = 16;
        await rig.RelaySocketsFallToAsync(before + pooled, token);
        Assert.That(Handles(rig.Relay), Is.LessThanOrEqualTo(handles + pooled + 4));
        // The last one is audited after it was told.
        await Eventually.HoldsAsync(() => Audited() >= 200, () => $"200 reloads are audited; {Audited()} are", TimeSpan.FromSeconds(10), token);
        Assert.That(Audited(), Is.EqualTo(200));
        AssertNoKeys(rig, extra);

        int Audited() => File.ReadAllText(Scope.Folder.File("audit.log")).Split("\"event\":\"reload\",\"outcome\":\"taken\"").Length - 1;
    }

    private static async Task SendAsync(Socket stream, Pattern pattern, int bytes, CancellationToken token)
    {
        await stream.SendPatternAsync(pattern, bytes, token);
        stream.Shutdown(SocketShutdown.Send);
    }

    private static async Task ExchangeAsync(Socket stream, CancellationToken token)
    {
        byte[] there = new byte[1], back = new byte[1];
        await stream.SendAllAsync(there, token);
        await stream.ReceiveExactlyAsync(back, token);
    }

    private static int Handles(RunningProgram program) => Directory.GetFiles($"/proc/{program.Id}/fd").Length;

    private void Reload(RunningProgram program, string name, string text)
    {
        // As editors do: the program sees the one or the other, whole.
        string fresh = Scope.Folder.Write(name + ".new", text);
        File.Move(fresh, Scope.Folder.File(name), overwrite: true);
        program.Send(RunningProgram.Signal.Hangup);
    }

    /// <summary>No log has a key, nor a key's hash.</summary>
    private void AssertNoKeys(TunnelRig rig, params MadeKey[] others)
    {
        string audit = Scope.Folder.File("audit.log");
        string logs = rig.Relay.Log.Text + rig.ServerProxy.Log.Text + rig.ClientProxy.Log.Text + (File.Exists(audit) ? File.ReadAllText(audit) : "");
        foreach (var key in others.Concat([rig.ServerKey, rig.OtherServerKey, rig.ClientKey, rig.OtherClientKey]))
            Assert.That(logs, Does.Not.Contain(key.Key).And.Not.Contain(key.Hash).And.Not.Contain(key.Hash["sha256:".Length..]));
    }
}
