using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// Programs on a small machine: a relay that the kernel gives 64 MiB and no more while many tunnels move data at once, proxies that
/// load no library they do not need.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class SmallMemoryTests : EndToEndTest
{
    private const long MaxMemoryBytes = 64L * 1024 * 1024;
    private const int BytesEach = 256 * 1024;

    // A client's waiting connects are bounded at the relay.
    private const int OpenedAtOnce = 32;

    [Test]
    [CancelAfter(90_000)]
    public async Task Tunnels_that_all_move_data_fit_into_64_MB(CancellationToken token)
    {
        // A tunnel over TLS takes ten times the memory of a plain one, most of it OpenSSL's.
        int tunnels = TestTls.IsOn ? 100 : 500;
        using TcpService echo = TcpService.Echo();
        using MemoryGroup? group = MemoryGroup.TryMake(MaxMemoryBytes);
        var plan = new RigPlan { Targets = { ["echo"] = echo.EndPoint }, RelayMemory = group };
        TunnelRig rig = await TunnelRig.StartAsync(Scope, plan, token);
        using var places = new SemaphoreSlim(OpenedAtOnce);

        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, tunnels).Select(_ => OpenAsync(rig, places, token)));
        long idle = ProcessFacts.ResidentKiB(rig.Relay.Id);
        await Task.WhenAll(sockets.Select(socket => MoveAsync(socket, token)));
        long peak = ProcessFacts.PeakResidentKiB(rig.Relay.Id);

        await TestContext.Out.WriteLineAsync(
            $"{tunnels} tunnels: {idle} KiB resident at rest, {peak} KiB at most, {(group is null ? "not bounded by the kernel" : "64 MiB allowed")}");
        Assert.That(peak * 1024, Is.LessThanOrEqualTo(MaxMemoryBytes));
        Assert.That(rig.Relay.IsRunning, Is.True);
        await rig.Relay.KillAsync();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Proxies_load_OpenSSL_for_TLS_alone(CancellationToken token)
    {
        using TcpService echo = TcpService.Echo();
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { ["echo"] = echo.EndPoint } }, token);
        using Socket socket = await rig.ConnectAsync("echo", token);
        await socket.SendAllAsync("hello"u8.ToArray(), token);
        await socket.ReceiveExactlyAsync(new byte[5], token);

        foreach (RunningProgram proxy in new[] { rig.ServerProxy, rig.ClientProxy })
            Assert.That(ProcessFacts.HasMapped(proxy.Id, "/libssl."), Is.EqualTo(TestTls.IsOn));
    }

    private async Task<Socket> OpenAsync(TunnelRig rig, SemaphoreSlim places, CancellationToken token)
    {
        await places.WaitAsync(token);
        try
        {
            Socket socket = Scope.Own(await rig.ConnectAsync("echo", token));
            byte[] message = new byte[64], back = new byte[message.Length];
            await socket.SendAllAsync(message, token);
            await socket.ReceiveExactlyAsync(back, token);
            return socket;
        }
        finally
        {
            places.Release();
        }
    }

    private async Task MoveAsync(Socket socket, CancellationToken token)
    {
        Pattern pattern = Scope.NewPattern();
        Task<StreamEnd> receiving = socket.ReceivePatternAsync(pattern, token);
        await socket.SendPatternAsync(pattern, BytesEach, token);
        socket.Shutdown(SocketShutdown.Send);
        Assert.That(await receiving, Is.EqualTo(new StreamEnd(BytesEach, EndKind.Clean)));
    }
}
