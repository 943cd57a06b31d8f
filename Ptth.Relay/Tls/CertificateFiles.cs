namespace Ptth.Relay.Tls;

/// <summary>Where the relay's certificate and its key are.</summary>
/// <param name="Certificate">The path of the certificate with its chain.</param>
/// <param name="PrivateKey">The path of the private key.</param>
internal sealed record CertificateFiles(string Certificate, string PrivateKey)
{
    /// <summary>What the configuration calls the first.</summary>
    public const string CertificateKey = "certificate";

    /// <summary>What the configuration calls the second.</summary>
    public const string PrivateKeyKey = "private_key";
}
