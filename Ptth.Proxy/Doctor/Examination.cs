using System.Net;
using System.Net.Sockets;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Probes;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Doctor;

/// <summary>What is looked at, and what the steps so far have learnt that later ones need.</summary>
internal sealed class Examination : IDisposable
{
    private readonly List<Intermediary> _seen = [];
    private readonly List<string> _faults = [];
    private readonly Ticker _ticker;

    /// <summary>Nothing is learnt yet.</summary>
    public Examination(DoctorConfig config, TimeProvider time)
    {
        Config = config;
        Time = time;
        _ticker = new Ticker(time);
        Relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, _ticker, time);
    }

    /// <summary>What the doctor was told.</summary>
    public DoctorConfig Config { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The relay.</summary>
    public RelayClient Relay { get; }

    /// <summary>The host that connections go to: the relay's, or the HTTP proxy's.</summary>
    public string Host => Config.HttpProxy is { } proxy ? proxy.Url.Target.Host : Config.Relay.Host;

    /// <summary>The port of <see cref="Host"/>.</summary>
    public int Port => Config.HttpProxy is { } proxy ? proxy.Url.Target.Port : Config.Relay.Port;

    /// <summary>The addresses of <see cref="Host"/>.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; set; } = [];

    /// <summary>The connection on which the way to the relay is taken step by step, until requests begin; owned.</summary>
    public Socket? Socket { get; set; }

    /// <summary>The relay's clock minus this machine's; null while it is not known.</summary>
    public TimeSpan? ClockOffset { get; set; }

    /// <summary>Those who have shown themselves on the way.</summary>
    public IReadOnlyList<Intermediary> Seen => _seen;

    /// <summary>Whether one of a kind may be on the way: it shows itself, or nothing that is known does.</summary>
    public bool MayBe(IntermediaryKind kind) => _seen.All(static one => one.Kind == IntermediaryKind.Other) || _seen.Any(one => one.Kind == kind);

    /// <summary>Notes who an answer shows.</summary>
    public void See(string? server, string? via)
    {
        foreach (Intermediary one in Intermediary.Of(Foreign.Line(server), Foreign.Line(via)))
            if (!_seen.Contains(one)) _seen.Add(one);
    }

    /// <summary>The words of the faults that were found so far.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Notes something that was found.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="observed">What was seen.</param>
    /// <param name="bound">From how many seconds or bytes on.</param>
    /// <param name="answer">The answer by which it showed. Where somebody else than the relay gave it, it is their doing; else that of any who was seen.</param>
    public Finding Find(FindingKind kind, string observed, long? bound = null, PathAnswer? answer = null)
    {
        Intermediary[] seen = FindingTexts.IsOfPath(kind) ? [.. _seen] : [];
        Intermediary[] givers = answer is { IsRelays: false } ? [.. Intermediary.Of(Foreign.Line(answer.Server), Foreign.Line(answer.Via))] : [];
        var finding = new Finding(kind, observed, givers.Length > 0 ? givers : seen)
        {
            Bound = bound,
            IsForwarded = Config.HttpProxy is not null && !Config.Relay.IsTls,
        };
        if (finding.Weight == FindingWeight.Fault) _faults.Add(finding.Name);
        return finding;
    }

    /// <summary>The proxy on the way as the HTTP client knows it; null where the way is direct.</summary>
    public HttpProxy? HttpProxy => Config.HttpProxy?.Url is { } url ? new HttpProxy(url.Target.Host, url.Target.Port, url.ToString(), url.RevealAuthorization()) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket?.Dispose();
        Relay.Dispose();
        _ticker.Dispose();
    }
}
