using Ptth.Common.Cli;
using Ptth.Http.Flow;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Admin.Metrics;

/// <summary>The relay's metrics. No label has values that strangers choose: servers and clients are those of the configuration.</summary>
/// <param name="context">The relay's parts.</param>
/// <param name="server">Its listeners and connections.</param>
/// <param name="sampler">Sums its tunnels' bytes.</param>
internal sealed class RelayMetrics(RelayContext context, RelayServer server, TrafficSampler sampler)
{
    private static readonly string Version = CommandLine.VersionOf(typeof(RelayMetrics).Assembly);

    /// <summary>All metrics, as they are now.</summary>
    public byte[] Make()
    {
        var writer = new MetricsWriter();
        writer.Begin("ptth_relay_build_info", "gauge", "The version, as a label; always 1.").Sample("version", Version, 1);
        writer.Gauge("ptth_relay_draining", "Whether new tunnels are turned away: 1 from the drain's begin, otherwise 0.", context.IsDraining ? 1 : 0);
        if (server.CertificateExpires is { } expires)
        {
            writer.Gauge("ptth_relay_certificate_expiry_timestamp_seconds", "When the certificate in use expires, seconds since 1970.",
                (expires.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        }

        writer.Counters("ptth_relay_config_reloads_total", "How often the configuration was read again, by whether it was taken or refused.", "result",
            [("taken", context.Reloads.Taken), ("refused", context.Reloads.Refused)]);
        WriteTunnels(writer);
        WriteRequests(writer, context.Statistics);
        writer.Gauge("ptth_relay_connections", "HTTP connections that are open.", server.Connections);
        writer.Gauge("ptth_relay_connections_unauthenticated", "Those of them that no good key has come on.", server.Unauthenticated);
        writer.Begin("ptth_relay_kernel_pipes", "gauge", "Kernel pipes that bytes are spliced through, by state.");
        writer.Sample("state", "in_use", SplicePipes.InUse);
        writer.Sample("state", "pooled", SplicePipes.Pooled);
        ProcessMetrics.Write(writer);
        return writer.ToUtf8();
    }

    private void WriteTunnels(MetricsWriter writer)
    {
        var open = new List<Tunnel>();
        TunnelCounts counts = context.Tunnels.Look(open);
        TrafficSums sums = sampler.Sum(open, counts);
        int accepted = open.Count(static tunnel => tunnel.IsAnswered);
        Dictionary<string, int> byClient = open.CountBy(static tunnel => tunnel.Offer.Client).ToDictionary();
        Dictionary<string, int> byServer = open.Where(static tunnel => tunnel.IsAnswered).CountBy(static tunnel => tunnel.Offer.Address.Server).ToDictionary();
        RelayConfig config = context.Config;
        writer.Gauge("ptth_relay_tunnels_open", "Tunnels whose server has accepted.", accepted);
        writer.Gauge("ptth_relay_tunnels_waiting", "Tunnels whose client waits for a server.", open.Count - accepted);
        writer.Gauge("ptth_relay_tunnels_max", "The limit max_tunnels, which both count against.", config.Limits.MaxTunnels);
        writer.Counter("ptth_relay_tunnels_opened_total", "Tunnels that clients asked for.", counts.Opened);
        writer.Counters("ptth_relay_tunnels_ended_total", "Tunnels that have ended, by how they did.", "result", SnakeCase<TunnelEnd>.All.Zip(counts.Ended));
        writer.Counters("ptth_relay_tunnel_bytes_total", "Payload of all tunnels, up from clients to servers and down from servers to clients.", "direction",
            [("up", sums.Up), ("down", sums.Down)]);
        writer.Counter("ptth_relay_tunnel_spliced_bytes_total", "The part of that payload that was spliced within the kernel rather than copied.", sums.Spliced);
        writer.Seconds("ptth_relay_connect_wait_seconds", "How long connects waited until a server accepted; those that none accepted are not in it.",
            context.Statistics.ConnectWait);
        writer.Gauge("ptth_relay_listens_waiting", "Listens that wait for a client.", context.Statistics.Presence.Listens);
        writer.Begin("ptth_relay_server_online", "gauge", "Whether a server listens, or did within the last seconds: 1 or 0, by its name in the configuration.");
        foreach (ServerEntry entry in config.Servers)
            writer.Sample("server", entry.Name, context.Statistics.Presence.Show(entry.Name, static server => server is { State.IsOnline: true } ? 1 : 0));
        writer.Begin("ptth_relay_server_tunnels", "gauge", "Tunnels that a server has accepted, by its name.");
        foreach (ServerEntry entry in config.Servers) writer.Sample("server", entry.Name, byServer.GetValueOrDefault(entry.Name));
        writer.Begin("ptth_relay_client_tunnels", "gauge", "Tunnels of a client, those that wait included, by its name.");
        foreach (ClientEntry entry in config.Clients) writer.Sample("client", entry.Name, byClient.GetValueOrDefault(entry.Name));
    }

    private static void WriteRequests(MetricsWriter writer, RelayStatistics statistics)
    {
        writer.Counters("ptth_relay_requests_total", "Requests, by what they asked for.", "endpoint", statistics.Requests.All());
        writer.Counters("ptth_relay_requests_rejected_total", "Requests that got an error, by its reason.", "reason", statistics.Refused.All());
        writer.Counters("ptth_relay_connections_rejected_total", "Connections that were reset, by the limit that was reached.", "limit", statistics.TurnedAway.All());
        writer.Counters("ptth_relay_authentication_failures_total", "Requests without a good key, by what was wrong.", "reason",
            statistics.FailedAuthentications.All().Skip((int)KeyVerdict.Missing));
        writer.Counter("ptth_relay_admin_authentication_failures_total", "Requests to the admin listener without a good key.", statistics.FailedAdminAuthentications[0]);
    }
}
