using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ptth.Common.Net;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Tls;

/// <summary>Trusts a relay whose certificate is valid now, is for the host of its URL, and leads to an authority: one of the system's, or one of a file.</summary>
internal sealed class ChainTrust : IServerTrust
{
    private const string ServerAuthenticationOid = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection? _authorities;

    private ChainTrust(X509Certificate2Collection? authorities) => _authorities = authorities;

    /// <summary>Trusts the authorities that the system trusts.</summary>
    public static ChainTrust OfSystem { get; } = new(null);

    /// <summary>Trusts these authorities alone.</summary>
    public static ChainTrust Of(X509Certificate2Collection authorities) => new(authorities);

    /// <summary>The same text for the same authorities.</summary>
    public override string ToString() =>
        _authorities is null ? "system" : string.Join(' ', _authorities.Select(static authority => CertificateFingerprint.Of(authority).ToString()));

    /// <inheritdoc/>
    public X509ChainPolicy CreatePolicy()
    {
        // Nothing is downloaded: a handshake waits for nobody but its peer.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthenticationOid));
        if (_authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    /// <inheritdoc/>
    public string? ProblemOf(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors, string host)
    {
        if (errors == SslPolicyErrors.None) return null;
        List<string> problems = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            problems.Add($"it is for {CertificateNames.Describe(CertificateNames.Of(certificate))}, not for {host}: use one of its names in the relay's URL, or pin it");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) AddChainProblems(problems, certificate, chain);
        if (problems.Count == 0) problems.Add($"{errors}");
        return $"the relay's certificate is refused: {string.Join("; ", problems)}";
    }

    private void AddChainProblems(List<string> problems, X509Certificate2 certificate, X509Chain chain)
    {
        X509ChainStatusFlags found = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain.ChainStatus) found |= status.Status;
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid)) AddTimeProblem(problems, certificate, chain);
        const X509ChainStatusFlags untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        if ((found & untrusted) != 0)
        {
            string issuer = CertificateNames.Printable(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
            problems.Add(_authorities is null
                ? $"the system does not trust its issuer, \"{issuer}\": give the authority's certificate (ca_file, --ca-file), or pin the relay's (pin, --pin)"
                : $"it does not lead to an authority in the CA file, by its issuer \"{issuer}\": check that file, and that the relay sends its whole chain");
        }

        X509ChainStatusFlags others = found & ~(untrusted | X509ChainStatusFlags.NotTimeValid);
        if (others != X509ChainStatusFlags.NoError) problems.Add($"its chain is not valid ({others})");
    }

    private static void AddTimeProblem(List<string> problems, X509Certificate2 certificate, X509Chain chain)
    {
        DateTime now = chain.ChainPolicy.VerificationTime.ToUniversalTime();
        if (now > certificate.NotAfter.ToUniversalTime()) problems.Add($"it expired on {certificate.NotAfter.ToUniversalTime():u}: renew it at the relay");
        else if (now < certificate.NotBefore.ToUniversalTime()) problems.Add($"it is valid from {certificate.NotBefore.ToUniversalTime():u} on: check this machine's clock");
        else problems.Add("a certificate of its chain has expired, or is not valid yet: renew the chain at the relay");
    }
}
