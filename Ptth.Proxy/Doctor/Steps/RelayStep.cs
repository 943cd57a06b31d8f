using System.Globalization;
using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Probes;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Asks whether a relay answers at that URL, without the key.</summary>
internal sealed class RelayStep : IStep
{
    public string Name => "relay";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        RelayAnswer answer = await examination.Relay.AskHealthAsync(cancellation);
        ResponseHead head = answer.Head;
        string? server = Foreign.Field(head, "Server"u8), via = Foreign.Field(head, "Via"u8);
        examination.See(server, via);
        NoteClock(examination, head);
        if (answer.Refusal is { } refusal) return StepOutcome.Failed($"{refusal.Text}{WhatElse(head, server)}");
        string version = head.Version == ProtocolVersion.Http11 ? "HTTP/1.1" : "HTTP/1.0";
        string shown = examination.Seen.Count == 0
            ? "nothing on the way shows itself"
            : $"on the way shows itself: {string.Join(", ", examination.Seen.Select(static one => one.ShownBy))}";
        string text = $"a relay answers at {examination.Config.Relay}, in {version}; {shown}";
        return head.Version == ProtocolVersion.Http11
            ? StepOutcome.Of(text)
            : StepOutcome.Of(text, examination.Find(FindingKind.Http10Answers, "the answer to GET health came in HTTP/1.0"));
    }

    /// <summary>What the answer is, where it is not a relay's.</summary>
    private static string WhatElse(ResponseHead head, string? server)
    {
        string who = server is null ? "" : $" of {server}";
        if (head.Status is >= 300 and < 400 && Foreign.Field(head, "Location"u8) is { } location)
            return $". It is a redirect{who}, which the proxies do not follow: if the relay is there, its URL is {WithoutHealth(location)}";
        string type = Foreign.Field(head, "Content-Type"u8) ?? "";
        if (type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)) return $". It is a web page{who}";
        if (PathAnswer.Of(head).IsRelays)
            return server is null || head.Status != 404 ? "" : $". It came through {server}: that has to hand the path on as it is, and base_path in the relay's configuration has to be the path of this URL";
        return server is null ? "" : $". It comes from {server}";
    }

    /// <summary>The URL of a relay by that of what was asked for.</summary>
    private static string WithoutHealth(string location)
    {
        const string asked = "/" + PtthPaths.Health;
        return location.EndsWith(asked, StringComparison.Ordinal) ? location[..^asked.Length] : location;
    }

    /// <summary>Date says whole seconds, cut off (RFC 9110 section 6.6.1).</summary>
    private static void NoteClock(Examination examination, ResponseHead head)
    {
        if (head.Fields.TryGetSingle("Date"u8, out ReadOnlySpan<byte> value)
            && DateTimeOffset.TryParseExact(Encoding.ASCII.GetString(value), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date))
            examination.ClockOffset = date + TimeSpan.FromSeconds(0.5) - examination.Time.GetUtcNow();
    }
}
