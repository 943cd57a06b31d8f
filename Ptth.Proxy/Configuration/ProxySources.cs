using Ptth.Common.Net;

namespace Ptth.Proxy.Configuration;

/// <summary>Where a proxy's settings come from. The command line wins over the file, the file over the environment.</summary>
internal sealed record ProxySources
{
    /// <summary>The variable that may hold the key.</summary>
    public const string KeyVariable = "PTTH_KEY";

    public string? ConfigPath { get; init; }

    public RelayUrl? Relay { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>The file of <c>--ca-file</c>.</summary>
    public string? CaFile { get; init; }

    /// <summary>The fingerprints of <c>--pin</c>.</summary>
    public IReadOnlyList<CertificateFingerprint> Pins { get; init; } = [];

    /// <summary>What <c>--proxy</c> says; null without it.</summary>
    public HttpProxySetting? HttpProxy { get; init; }

    /// <summary>The mode of <c>--upload</c>.</summary>
    public UploadMode? Upload { get; init; }

    /// <summary>An environment variable's value; null where it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }
}
