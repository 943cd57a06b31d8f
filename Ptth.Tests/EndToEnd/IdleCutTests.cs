using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// A tunnel through an nginx that cuts off what rests for four seconds. Real time is what is tested here: the tunnel rests for as long as the
/// cut takes without records, and for more than twice as long with them. One comes each second: a busy machine may be late with some.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class IdleCutTests : EndToEndTest
{
    private const int CutSeconds = 4;

    [Test]
    [CancelAfter(60_000)]
    public async Task A_tunnel_that_rests_is_cut_off_without_records(CancellationToken token)
    {
        (Socket local, Socket far) = await OpenAsync("", "", token);
        using (local)
        using (far)
        {
            StreamEnd end = await local.ReceivePatternAsync(Scope.NewPattern(), token);
            Assert.That(end, Is.EqualTo(new StreamEnd(0, EndKind.Broken)));
        }
    }

    [TestCase("keep_alive = 1", "")]
    [TestCase("", "keep_alive = 1")]
    [CancelAfter(60_000)]
    public async Task It_lives_with_records_that_either_proxy_asks_for(string client, string server, CancellationToken token)
    {
        (Socket local, Socket far) = await OpenAsync(client, server, token);
        using (local)
        using (far)
        {
            Pattern up = Scope.NewPattern(), down = Scope.NewPattern();
            Task<StreamEnd> atFar = far.ReceivePatternAsync(up, token), atLocal = local.ReceivePatternAsync(down, token);
            Task rest = Task.Delay(TimeSpan.FromSeconds(2.5 * CutSeconds), token);
            Assert.That(await Task.WhenAny(rest, atFar, atLocal), Is.SameAs(rest), "it broke while it rested");

            await local.SendPatternAsync(up, 100_000, token);
            local.Shutdown(SocketShutdown.Send);
            Assert.That(await atFar, Is.EqualTo(new StreamEnd(100_000, EndKind.Clean)));
            await far.SendPatternAsync(down, 3_000_000, token);
            far.Shutdown(SocketShutdown.Send);
            Assert.That(await atLocal, Is.EqualTo(new StreamEnd(3_000_000, EndKind.Clean)));
        }
    }

    private async Task<(Socket Local, Socket Far)> OpenAsync(string client, string server, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);
        ProxiedRelay path = await ProxiedRelay.StartAsync(
            Scope,
            rig,
            $"""
            proxy_request_buffering off;
            proxy_buffering off;
            client_max_body_size 0;
            proxy_read_timeout {CutSeconds}s;
            proxy_send_timeout {CutSeconds}s;
            client_body_timeout {CutSeconds}s;
            """);
        TcpService target = Scope.Own(new TcpService());
        await path.StartServerProxyAsync(target.EndPoint, server);
        await path.StartClientProxyAsync(client);
        Socket local = await TcpStreams.ConnectAsync(path.Forward, token);
        return (local, await target.AcceptAsync(token));
    }
}
