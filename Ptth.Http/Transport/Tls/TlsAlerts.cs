namespace Ptth.Http.Transport.Tls;

/// <summary>The alerts of a handshake in words (RFC 8446 section 6.2).</summary>
internal static class TlsAlerts
{
    /// <summary>The words.</summary>
    public static string Describe(byte alert) => alert switch
    {
        40 => "the two sides have no parameters in common (alert 40, handshake_failure)",
        42 => "the certificate is damaged (alert 42, bad_certificate)",
        43 => "the certificate is of an unsupported kind (alert 43, unsupported_certificate)",
        45 => "the certificate has expired (alert 45, certificate_expired)",
        46 => "the certificate is not acceptable (alert 46, certificate_unknown)",
        48 => "the certificate's issuer is not trusted (alert 48, unknown_ca)",
        70 => "the two sides have no TLS version in common; TLS 1.2 and 1.3 are spoken here (alert 70, protocol_version)",
        112 => "the name is not known there (alert 112, unrecognized_name)",
        120 => "the other side does not offer http/1.1 (alert 120, no_application_protocol)",
        _ => $"alert {alert}",
    };
}
