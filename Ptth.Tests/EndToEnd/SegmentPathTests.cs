using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Tunnels through an nginx that holds bodies back until they end, or takes no long ones: the proxies find it out by themselves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentPathTests : EndToEndTest
{
    // What goes one way for longer than a minute, on a slow machine, is not to be cut for the other's silence: IdleCutTests has that.
    private const string Streaming = "proxy_buffering off; proxy_read_timeout 1h;";

    [TestCase("proxy_request_buffering on; client_max_body_size 0;", "")]
    [TestCase("proxy_request_buffering off; client_max_body_size 2m;", "")]
    [TestCase("", "upload = \"segments\"\nsegment_bytes = 100000\nkeep_alive = 5")]
    [CancelAfter(60_000)]
    public async Task A_long_upload_arrives_whole_both_ways(string directives, string keys, CancellationToken token)
    {
        const int Bytes = 5_000_000;
        (Socket local, Socket far) = await OpenAsync(directives, keys, token);
        using (local)
        using (far)
        {
            await AssertBulkBothWaysAsync(local, far, Bytes, token);
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_gibibyte_arrives_whole_where_bodies_are_held_back_and_bounded(CancellationToken token)
    {
        const long Bytes = 1024 * 1024 * 1024;
        (Socket local, Socket far) = await OpenAsync("client_max_body_size 10m;", "upload = \"segments\"", token);
        using (local)
        using (far)
        {
            long start = Stopwatch.GetTimestamp();
            Pattern pattern = Scope.NewPattern();
            Task<StreamEnd> atFar = far.ReceivePatternAsync(pattern, token);
            await local.SendPatternAsync(pattern, Bytes, token);
            local.Shutdown(SocketShutdown.Send);
            Assert.That(await atFar, Is.EqualTo(new StreamEnd(Bytes, EndKind.Clean)));
            await TestContext.Out.WriteLineAsync($"it took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            far.Shutdown(SocketShutdown.Send);
            Assert.That(await local.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_round_trip_on_a_path_that_holds_bodies_back_takes_little_more_than_without(CancellationToken token)
    {
        // Each path in a scope, and so a folder, of its own.
        (Socket Local, Socket Far) segments = await OpenAsync("proxy_request_buffering on; client_max_body_size 0;", "", token, Scope.Own(new TestScope()));
        (Socket Local, Socket Far) stream = await OpenAsync("proxy_request_buffering off; client_max_body_size 0;", "upload = \"stream\"", token);

        RoundTrips[] trips = await RoundTrips.MeasureAsync([segments, stream], new byte[64], 101, token);

        await TestContext.Out.WriteLineAsync($"in segments {trips[0]}, as a stream {trips[1]}");
        Assert.That(trips[0].LowerQuartile - trips[1].LowerQuartile, Is.LessThan(RoundTrips.Added));
    }

    private async Task<(Socket Local, Socket Far)> OpenAsync(string directives, string keys, CancellationToken token, TestScope? own = null)
    {
        TestScope scope = own ?? Scope;
        TunnelRig rig = await TunnelRig.StartAsync(scope, new RigPlan { Certificate = null }, token);
        ProxiedRelay path = await ProxiedRelay.StartAsync(scope, rig, $"{Streaming} {directives}");
        TcpService target = scope.Own(new TcpService());
        await path.StartServerProxyAsync(target.EndPoint, keys);
        await path.StartClientProxyAsync(keys);
        Socket local = scope.Own(await TcpStreams.ConnectAsync(path.Forward, token));
        return (local, scope.Own(await target.AcceptAsync(token)));
    }
}
