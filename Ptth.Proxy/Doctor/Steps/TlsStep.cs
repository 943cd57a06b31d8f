using System.Globalization;
using Ptth.Common.Net;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Tls;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Shakes hands by TLS as the proxies do, and looks at the relay's certificate.</summary>
internal sealed class TlsStep : IStep
{
    /// <summary>Whoever renews certificates by a program does so a month before; what expires within that time has been forgotten.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public string Name => "tls";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        if (examination.Config.Trust is not { } trust)
        {
            examination.Socket?.Dispose();
            return StepOutcome.Skipped($"none: {examination.Config.Relay} is plain HTTP, and all on the way can read it");
        }

        var witness = new TrustWitness(trust);
        using var channel = new TlsChannel(new SocketChannel(examination.Socket!), new TlsClientHandshake(examination.Config.Relay.Host, witness));
        await Limited.RunAsync(
            channel,
            () => channel.OpenAsync().AsTask(),
            examination,
            static seconds => $"the TLS handshake did not end within {seconds:0.#} s; check that TLS is spoken on that port",
            cancellation);
        return Describe(examination, witness.Certificate!, isPinned: trust is PinTrust);
    }

    private static StepOutcome Describe(Examination examination, SeenCertificate certificate, bool isPinned)
    {
        double days = Math.Floor((certificate.NotAfter - examination.Time.GetUtcNow()).TotalDays);
        string by = isPinned ? "it is the pinned one" : $"issued by \"{certificate.Issuer}\", which is trusted";
        string text = string.Create(CultureInfo.InvariantCulture,
            $"the certificate is for {CertificateNames.Describe(certificate.Names)}; {by}; it expires on {certificate.NotAfter:yyyy-MM-dd}, in {days} days");
        var outcome = isPinned || certificate.NotAfter - examination.Time.GetUtcNow() >= Soon
            ? StepOutcome.Of(text)
            : StepOutcome.Of(text, examination.Find(FindingKind.CertificateExpires, $"the certificate expires on {certificate.NotAfter:u}"));
        return outcome with { Measured = new Dictionary<string, double> { ["certificate_days"] = days } };
    }
}
