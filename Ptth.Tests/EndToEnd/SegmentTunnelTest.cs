using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>The base of fixtures whose tunnels go in segments, through an nginx that holds bodies back and bounds them.</summary>
internal abstract class SegmentTunnelTest : EndToEndTest
{
    protected const int MiB = 1024 * 1024;

    private const string Directives = "client_max_body_size 10m; proxy_buffering off;";
    private const string Keys = "upload = \"segments\"";

    /// <summary>Starts a relay and nginx.</summary>
    /// <param name="token">Gives up.</param>
    /// <param name="plan">The relay's.</param>
    /// <param name="hasWorkers">Whether nginx can be reloaded.</param>
    protected async Task<(TunnelRig Rig, ProxiedRelay Path)> StartRelayAsync(
        CancellationToken token, RigPlan? plan = null, bool hasWorkers = false)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, plan ?? new RigPlan { Certificate = null }, token);
        return (rig, await ProxiedRelay.StartAsync(Scope, rig, Directives, hasWorkers: hasWorkers));
    }

    /// <summary>Starts another nginx in front of the relay, for segments alone.</summary>
    /// <param name="relay">Where the relay is.</param>
    /// <param name="directives">What it is told besides.</param>
    protected async Task<RelayNginx> StartNginxForSegmentsAsync(IPEndPoint relay, string directives = "")
    {
        var nginx = new RelayNginx(Scope, "path-of-segments", relay, $"{Directives} {directives}");
        await nginx.StartAsync();
        return nginx;
    }

    /// <summary>Starts both proxies, and gives the service that they lead to.</summary>
    protected async Task<TcpService> StartProxiesAsync(ProxiedRelay path, string keys = "")
    {
        TcpService service = Scope.Own(new TcpService());
        await path.StartServerProxyAsync(service.EndPoint, $"{Keys}\n{keys}");
        await path.StartClientProxyAsync($"{Keys}\n{keys}");
        return service;
    }

    /// <summary>Starts both proxies and a tunnel through them.</summary>
    protected async Task<TunnelTransfer> BeginAsync(ProxiedRelay path, CancellationToken token, string keys = "")
        => await BeginAsync(path, await StartProxiesAsync(path, keys), token);

    /// <summary>Opens a tunnel through proxies that run.</summary>
    protected async Task<TunnelTransfer> BeginAsync(ProxiedRelay path, TcpService service, CancellationToken token)
    {
        (Socket local, Socket far) = await OpenAsync(path, service, token);
        return new TunnelTransfer(local, far, Scope.NewPattern(), Scope.NewPattern(), token);
    }

    /// <summary>Tries until there is a tunnel.</summary>
    protected async Task<(Socket Local, Socket Far)> OpenAsync(ProxiedRelay path, TcpService service, CancellationToken token)
    {
        Socket? local = null, far = null;
        Task<Socket> accepting = service.AcceptAsync(token);
        await Eventually.HoldsAsync(
            async () =>
            {
                local = Scope.Own(await TcpStreams.ConnectAsync(path.Forward, token));
                Task broken = local.ReceiveAsync(Memory<byte>.Empty, token).AsTask();
                if (await Task.WhenAny(accepting, broken) == broken) return false;
                far = Scope.Own(await accepting);
                return true;
            },
            () => "a tunnel comes about",
            TimeSpan.FromSeconds(5),
            token);
        return (local!, far!);
    }

    /// <summary>Ends both directions, and checks that all has come and that both proxies know so.</summary>
    protected static async Task FinishAsync(ProxiedRelay path, TunnelTransfer transfer, SegmentHop? hop = null)
    {
        long bytes = await transfer.FinishAsync();
        foreach (RunningProgram proxy in new[] { path.ClientProxy, path.ServerProxy })
            Assert.That(await proxy.WaitForLineAsync(" ended: "), Does.Contain("Completed"));
        await TestContext.Out.WriteLineAsync(
            hop is null ? $"{bytes} bytes" : $"{bytes} bytes in {hop.Segments} segments, of which {hop.Lost} were lost and {hop.Refused} found nobody");
    }
}
