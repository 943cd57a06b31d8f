using System.Globalization;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Admin.Metrics;
using Ptth.Relay.Statistics;
using Ptth.Tests.Support;

namespace Ptth.Tests.Admin;

/// <summary>What /metrics tells.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class MetricsTests : InProcessTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_and_refusals_are_counted(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);
        InProcessPeer listen = await relay.ListenAsync(token, port: "web");
        InProcessPeer connect = await relay.ConnectAsync(token, port: "other");
        await relay.AskAsync("connect/office/ssh", InProcessRelay.Laptop, token);
        await relay.AskAsync("listen/ssh", PtthKey.Generate(), token);
        await relay.AskAsync("listen/ssh", null, token);
        await relay.NoteProgressAsync(tunnel.Id, 2, 4, token);

        IReadOnlyDictionary<string, double> metrics = await AskAsync(admin, token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(metrics["ptth_relay_tunnels_open"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_tunnels_waiting"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_tunnels_opened_total"], Is.EqualTo(2));
            Assert.That(metrics["ptth_relay_tunnels_ended_total{result=\"completed\"}"], Is.Zero);
            Assert.That(metrics["ptth_relay_tunnel_bytes_total{direction=\"up\"}"], Is.EqualTo(2));
            Assert.That(metrics["ptth_relay_tunnel_bytes_total{direction=\"down\"}"], Is.EqualTo(4));
            Assert.That(metrics["ptth_relay_connect_wait_seconds_count"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_connect_wait_seconds_bucket{le=\"+Inf\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_listens_waiting"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_server_online{server=\"home\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_server_online{server=\"office\"}"], Is.Zero);
            Assert.That(metrics["ptth_relay_server_tunnels{server=\"home\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_client_tunnels{client=\"laptop\"}"], Is.EqualTo(2));
            Assert.That(metrics["ptth_relay_requests_rejected_total{reason=\"not_allowed\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_requests_rejected_total{reason=\"unauthorized\"}"], Is.EqualTo(2));
            Assert.That(metrics["ptth_relay_authentication_failures_total{reason=\"unknown\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_authentication_failures_total{reason=\"missing\"}"], Is.EqualTo(1));
            Assert.That(metrics["ptth_relay_requests_total{endpoint=\"connect\"}"], Is.EqualTo(3));
            Assert.That(metrics["ptth_relay_draining"], Is.Zero);
            Assert.That(metrics["process_open_fds"], Is.GreaterThan(6).And.LessThan(metrics["process_max_fds"]));
            Assert.That(metrics["process_resident_memory_bytes"], Is.GreaterThan(1e6).And.LessThan(metrics["process_virtual_memory_bytes"]));
            Assert.That(metrics["process_start_time_seconds"], Is.EqualTo(StartSeconds()).Within(2));
        }

        connect.Dispose();
        listen.Dispose();
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        Assert.That((await AskAsync(admin, token))["ptth_relay_tunnels_ended_total{result=\"completed\"}"], Is.EqualTo(1));
    }

    [Test]
    public void A_histogram_counts_what_lies_on_its_bounds_and_beyond()
    {
        var histogram = new Histogram(1, 10);
        foreach (long value in new long[] { 0, 1, 2, 10, 11 }) histogram.Observe(value);
        var writer = new MetricsWriter();

        writer.Seconds("wait_seconds", "How long.", histogram);

        Assert.That(System.Text.Encoding.UTF8.GetString(writer.ToUtf8()), Is.EqualTo("""
            # HELP wait_seconds How long.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{le="0.001"} 2
            wait_seconds_bucket{le="0.01"} 4
            wait_seconds_bucket{le="+Inf"} 5
            wait_seconds_sum 0.024
            wait_seconds_count 5

            """));
    }

    private static async Task<IReadOnlyDictionary<string, double>> AskAsync(InProcessAdmin admin, CancellationToken token)
    {
        PeerMessage answer = await admin.AskAsync("/metrics", token);
        Assert.That((answer.Status, answer["Content-Type"]), Is.EqualTo((200, "text/plain; version=0.0.4; charset=utf-8")));
        return answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line[0] != '#')
            .Select(static line => line.Split(' '))
            .ToDictionary(static parts => parts[0], static parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static double StartSeconds()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return (self.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
