namespace Ptth.Proxy.Doctor.Steps;

/// <summary>What is told of a relay's certificate.</summary>
/// <param name="Names">The names that it is for.</param>
/// <param name="Issuer">Who issued it, printable.</param>
/// <param name="NotAfter">When it expires, UTC.</param>
internal sealed record SeenCertificate(IReadOnlyList<string> Names, string Issuer, DateTimeOffset NotAfter);
