using Ptth.Common.Hosting;

namespace Ptth.Relay.Tls;

/// <summary>What the two files hold. Files are compared by it: times and sizes tell less than these few kilobytes.</summary>
internal sealed record CertificateTexts(string Certificate, string PrivateKey)
{
    /// <summary>Reads both. Null where one cannot be read; then each problem was reported.</summary>
    /// <param name="files">The paths.</param>
    /// <param name="report">Takes the key in the configuration, and what is wrong with its file.</param>
    public static CertificateTexts? Read(CertificateFiles files, Action<string, string> report)
    {
        string? certificate = PemFile.Read(files.Certificate, isSecret: false, out string problem);
        if (certificate is null) report(CertificateFiles.CertificateKey, $"{files.Certificate} {problem}");
        string? privateKey = PemFile.Read(files.PrivateKey, isSecret: true, out problem);
        if (privateKey is null) report(CertificateFiles.PrivateKeyKey, $"{files.PrivateKey} {problem}");
        return certificate is null || privateKey is null ? null : new CertificateTexts(certificate, privateKey);
    }

    /// <summary>Never the texts themselves: one of them is a secret.</summary>
    public override string ToString() => nameof(CertificateTexts);
}
