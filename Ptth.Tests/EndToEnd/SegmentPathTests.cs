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
    private const string Streaming = "proxy_buffering off;";

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
        TimeSpan segments = await RoundTripAsync("proxy_request_buffering on; client_max_body_size 0;", "", token);
        TimeSpan stream = await RoundTripAsync("proxy_request_buffering off; client_max_body_size 0;", "upload = \"stream\"", token);

        await TestContext.Out.WriteLineAsync($"{segments.TotalMilliseconds:0.00} ms in segments, {stream.TotalMilliseconds:0.00} ms as a stream");
        Assert.That(segments - stream, Is.LessThan(TimeSpan.FromMilliseconds(10)));
    }

    /// <summary>What some round trips of 64 bytes take.</summary>
    private async Task<TimeSpan> RoundTripAsync(string directives, string keys, CancellationToken token)
    {
        (Socket local, Socket far) = await OpenAsync(directives, keys, token);
        using (local)
        using (far)
        {
            return (await RoundTrips.MeasureAsync(local, far, new byte[64], 101, token)).LowerQuartile;
        }
    }

    private async Task<(Socket Local, Socket Far)> OpenAsync(string directives, string keys, CancellationToken token)
    {
        TunnelRig rig = await TunnelRig.StartAsync(Scope, new RigPlan { Certificate = null }, token);
        ProxiedRelay path = await ProxiedRelay.StartAsync(Scope, rig, $"{Streaming} {directives}");
        TcpService target = Scope.Own(new TcpService());
        await path.StartServerProxyAsync(target.EndPoint, keys);
        await path.StartClientProxyAsync(keys);
        Socket local = await TcpStreams.ConnectAsync(path.Forward, token);
        return (local, await target.AcceptAsync(token));
    }
}
