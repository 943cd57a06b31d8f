using System.Net;
using Ptth.Common.Toml;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>[tls]</c>, and the files that it names.</summary>
internal static class TlsReader
{
    private const string ExpectedCertificate = "is missing; it must name the file of the certificate and its chain, such as \"fullchain.pem\"";
    private const string ExpectedPrivateKey = "is missing; it must name the file of the certificate's private key, such as \"privkey.pem\"";

    /// <summary>What is told; null where that is not valid, which was reported.</summary>
    /// <param name="section">The table.</param>
    /// <param name="configPath">The configuration's path: those in it start beside it.</param>
    /// <param name="listen">The addresses on which TLS is spoken.</param>
    public static RelayTls? Read(TomlSection section, string configPath, IReadOnlyList<IPEndPoint> listen)
    {
        string? certificate = ReadPath(section, CertificateFiles.CertificateKey, ExpectedCertificate, configPath);
        string? privateKey = ReadPath(section, CertificateFiles.PrivateKeyKey, ExpectedPrivateKey, configPath);
        if (certificate is null || privateKey is null) return null;
        var files = new CertificateFiles(certificate, privateKey);
        CertificateTexts? texts = CertificateTexts.Read(files, section.Report);
        ServerCertificate? parsed = texts is null ? null : ServerCertificate.Parse(texts, files, section.Report);
        return parsed is null ? null : new RelayTls(listen, files, texts!, parsed);
    }

    private static string? ReadPath(TomlSection section, string key, string expected, string configPath)
    {
        if (!section.Has(key)) section.Report(key, expected);
        // Beside the configuration, wherever the program was started.
        return section.Text(key) is { } text ? Path.Combine(Path.GetDirectoryName(configPath) ?? "", text.Value) : null;
    }
}
