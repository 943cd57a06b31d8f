using System.Security.Cryptography.X509Certificates;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads by what a proxy knows its relay: <c>[tls]</c> of the file, or the options in its place. Nothing turns the check off.</summary>
internal sealed class TrustReader(TomlSection root, ProxySources sources)
{
    private const string Tls = "tls";
    private const string CaFile = "ca_file";
    private const string Pin = "pin";

    /// <summary>What decides about the relay; null where it is plain HTTP, or where a problem was reported.</summary>
    /// <param name="relay">The relay; null where there is none, which was reported.</param>
    /// <exception cref="ConfigException">The CA file of the command line is of no use.</exception>
    /// <exception cref="UsageException">The options contradict each other or the URL.</exception>
    public IServerTrust? Read(RelayUrl? relay)
    {
        bool hasOption = sources.CaFile is not null || sources.Pins.Count > 0;
        if (sources.CaFile is not null && sources.Pins.Count > 0) throw new UsageException("--ca-file and --pin cannot be given together: a pin alone decides");
        if (sources.Pins.Count > PinTrust.MaxPins) throw new UsageException($"--pin can be given {PinTrust.MaxPins} times at most");
        if (relay is { IsTls: false })
        {
            if (hasOption) throw new UsageException($"--ca-file and --pin need a relay with https://; {relay} has no TLS");
            if (root.Has(Tls)) root.Report(Tls, $"needs a relay with https://; {relay} has no TLS");
        }

        IServerTrust? inFile = root.Has(Tls) ? ReadTable(root.Table(Tls)) : ChainTrust.OfSystem;
        if (relay is null or { IsTls: false }) return null;
        if (sources.Pins.Count > 0) return new PinTrust(sources.Pins);
        return sources.CaFile is { } path ? OfOption(path) : inFile;
    }

    private IServerTrust? ReadTable(TomlSection section)
    {
        bool hasCaFile = section.Has(CaFile), hasPin = section.Has(Pin);
        if (hasCaFile && hasPin) section.Report(Pin, $"cannot be given together with {CaFile}, in line {section.LineOf(CaFile)}: a pin alone decides");
        List<CertificateFingerprint>? pins = ReadPins(section);
        if (pins is not null) return pins.Count == 0 ? null : new PinTrust(pins);
        if (section.Text(CaFile) is not { } text) return hasCaFile ? null : ChainTrust.OfSystem;
        // Beside the configuration, wherever the program was started.
        string path = Path.Combine(Path.GetDirectoryName(sources.ConfigPath!) ?? "", text.Value);
        X509Certificate2Collection? authorities = ReadAuthorities(path, out string problem);
        if (authorities is not null) return ChainTrust.Of(authorities);
        section.Report(CaFile, $"{path} {problem}");
        return null;
    }

    private static List<CertificateFingerprint>? ReadPins(TomlSection section)
    {
        if (section.OneOrMoreTexts(Pin) is not { } texts) return null;
        if (texts.Count is 0 or > PinTrust.MaxPins) section.Report(Pin, $"must be one fingerprint, or an array of up to {PinTrust.MaxPins}");
        List<CertificateFingerprint> pins = [];
        foreach (TomlText text in texts)
        {
            if (CertificateFingerprint.TryParse(text.Value, out CertificateFingerprint? pin)) pins.Add(pin);
            else section.Report(text, Pin, CertificateFingerprint.Expected);
        }

        return pins;
    }

    private static ChainTrust OfOption(string path) => ReadAuthorities(path, out string problem) is { } authorities
        ? ChainTrust.Of(authorities)
        : throw new ConfigException(new ConfigProblem(path, 0, "", problem));

    private static X509Certificate2Collection? ReadAuthorities(string path, out string problem)
    {
        string? text = PemFile.Read(path, isSecret: false, out problem);
        return text is null ? null : CertificatePem.Parse(text, out problem);
    }
}
