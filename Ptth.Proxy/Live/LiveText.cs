using Ptth.Common.Text;

namespace Ptth.Proxy.Live;

/// <summary>What the live line says. What matters most comes first, since a narrow terminal shows the beginning alone.</summary>
internal static class LiveText
{
    /// <summary>Composes it.</summary>
    /// <param name="relay">The relay's address.</param>
    /// <param name="link">How things stand with it.</param>
    /// <param name="now">What has been moved so far, and how fast.</param>
    /// <param name="isDraining">Whether the proxy is about to end.</param>
    /// <param name="columns">How wide the terminal is.</param>
    public static string Compose(string relay, LinkReport link, TrafficRates now, bool isDraining, int columns)
    {
        List<string> parts = [isDraining ? "draining, Ctrl-C ends at once" : Describe(relay, link), Readable.Count(now.Tunnels, "tunnel")];
        if (now.SentBytes + now.ReceivedBytes > 0)
        {
            parts.Add($"up {Readable.Rate(now.SentPerSecond)}, down {Readable.Rate(now.ReceivedPerSecond)}");
            parts.Add($"in all {Readable.Bytes(now.SentBytes)} up, {Readable.Bytes(now.ReceivedBytes)} down");
        }

        if (!isDraining && link.Reason.Length > 0) parts.Add(link.Reason);
        string line = string.Join(" | ", parts);
        // The last column stays free: a terminal may go on to the next line once that is written.
        return line.Length < columns ? line : line[..Math.Max(0, columns - 1)];
    }

    private static string Describe(string relay, LinkReport link) => link.State switch
    {
        LinkState.Connected => $"connected to {relay} for {Readable.Duration(link.For)}",
        LinkState.Connecting => $"connecting to {relay}",
        _ when link.NextTry is { } next => $"not connected to {relay}, next try in {Readable.Duration(next)}",
        _ => $"not connected to {relay}",
    };
}
