using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>A relay whose sockets are its service manager's is restarted under load, and nobody notices.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RestartTests : EndToEndTest
{
    private const int Restarts = 20;
    private const int Clients = 4;
    private const int HalfBytes = 256 * 1024;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Test]
    [CancelAfter(90_000)]
    public async Task Restarts_under_load_cost_no_connection_and_no_tunnel([Values] bool newOneFirst, CancellationToken token)
    {
        using TcpService echo = TcpService.Echo();
        TunnelRig rig = await StartAsync(echo, token);
        using var enough = new CancellationTokenSource();
        int[] connections = new int[Clients];
        Task<TimeSpan>[] clients = [.. Enumerable.Range(0, Clients).Select(client => ConnectAllTheTimeAsync(rig, () => Interlocked.Increment(ref connections[client]), enough, token))];
        for (int i = 0; i < Restarts; i++)
        {
            RunningProgram old = rig.Relay;
            var pattern = Scope.NewPattern();
            using Socket open = await rig.ConnectAsync("echo", token);
            await EchoAsync(open, pattern, 0, token);

            old.Send(RunningProgram.Signal.Terminate);
            if (newOneFirst) await rig.StartRelayAsync();
            else await old.WaitForLineAsync("handed over");
            Assert.That(old.IsRunning, Is.True, "a tunnel is open");
            await EchoAsync(open, pattern, HalfBytes, token);
            open.Shutdown(SocketShutdown.Send);
            Assert.That(await open.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
            await old.WaitForLineAsync("stopped; 0 tunnels were broken off");
            Assert.That(await old.WaitForExitAsync(Soon), Is.Zero);
            if (!newOneFirst) await rig.StartRelayAsync();

            // However fast all that was: each client comes through the relay that is there now. Its first connection may have been under way.
            int[] before = [.. connections];
            await Eventually.HoldsAsync(
                () => clients.Any(static client => client.IsCompleted) || connections.Zip(before).All(static client => client.First > client.Second + 1),
                () => $"each client has connected twice; before {string.Join(", ", before)}, now {string.Join(", ", connections)}",
                Soon,
                token);
        }

        await enough.CancelAsync();
        TimeSpan[] slowest = await Task.WhenAll(clients);
        await TestContext.Out.WriteLineAsync($"{connections.Sum()} connections, the slowest took {slowest.Max().TotalMilliseconds:0} ms");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_half_made_tunnel_is_finished_by_the_one_who_began_it(CancellationToken token)
    {
        using TcpService echo = TcpService.Echo();
        TunnelRig rig = await StartAsync(echo, token, alone: true);
        RunningProgram old = rig.Relay;
        Task<CurlAnswer> connect = Curl.AskAsync(rig, "POST", rig.ConnectPath("plain"), rig.ClientKey, token);
        CurlAnswer listen = await Curl.AskAsync(rig, "POST", "/v1/listen/plain", rig.ServerKey, token);
        old.Send(RunningProgram.Signal.Terminate);
        await old.WaitForLineAsync("raining");
        Task starting = rig.StartRelayAsync();
        await rig.Relay.WaitForLineAsync("it is waited for");

        // On a connection of its own, which the new one would take if it could.
        CurlAnswer rejected = await Curl.AskAsync(
            rig, "POST", $"/v1/reject/{listen.Fields["Ptth-Connection"]}", rig.ServerKey, token, "-d", """{"title":"Not today"}""");

        Assert.That(rejected.Status, Is.EqualTo(204), rejected.Body);
        Assert.That((await connect).Problem("title"), Is.EqualTo("Not today"));
        await starting;
        Assert.That(await old.WaitForExitAsync(Soon), Is.Zero);
        Assert.That((await Curl.AskAsync(rig, "GET", "/v1/health", null, token)).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_socket_of_another_kind_is_refused([Values(SocketType.Dgram, SocketType.Stream)] SocketType type, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var socket = new ManagedSocket(FreePort.Take(), listens: false, type);
        (string file, string[] arguments) = socket.Wrap(Repository.Relay, ["run", "--config", Scope.Folder.File("relay.toml")]);
        RunningProgram second = Scope.Start("relay", file, arguments);

        Assert.That(await second.WaitForLineAsync("descriptor 3"), Does.Contain("must be a TCP socket that listens"));
        Assert.That(await second.WaitForExitAsync(Soon), Is.EqualTo(1));
        Assert.That(rig.Relay.IsRunning, Is.True);
    }

    /// <returns>How long the slowest connection took.</returns>
    private static async Task<TimeSpan> ConnectAllTheTimeAsync(TunnelRig rig, Action onConnection, CancellationTokenSource enough, CancellationToken token)
    {
        byte[] message = new byte[100];
        Random.Shared.NextBytes(message);
        TimeSpan slowest = TimeSpan.Zero;
        while (!enough.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            using Socket socket = await rig.ConnectAsync("echo", token);
            await socket.SendAllAsync(message, token);
            socket.Shutdown(SocketShutdown.Send);
            Assert.That(await socket.ReceiveToEndAsync(token), Is.EqualTo(message));
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (took > slowest) slowest = took;
            onConnection();
        }

        return slowest;
    }

    private static async Task EchoAsync(Socket socket, Pattern pattern, long from, CancellationToken token)
    {
        byte[] sent = new byte[HalfBytes], back = new byte[HalfBytes];
        pattern.Fill(sent, from);
        Task receiving = socket.ReceiveExactlyAsync(back, token);
        await socket.SendAllAsync(sent, token);
        await receiving;
        Assert.That(back.AsSpan().SequenceEqual(sent), Is.True);
    }

    private async Task<TunnelRig> StartAsync(TcpService echo, CancellationToken token, bool alone = false)
    {
        var plan = new RigPlan { RelayDrainSeconds = 60, RelayIsManaged = true };
        if (!alone) plan.Targets["echo"] = echo.EndPoint;
        return await TunnelRig.StartAsync(Scope, plan, token);
    }
}
