using System.CommandLine;
using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Commands;

/// <summary>The options of every command: the configuration, the relay, and the way to it.</summary>
internal sealed class RelayOptions
{
    private readonly Option<string?> _config = Options.Path("--config", "The configuration, TOML; other options win over it");
    private readonly Option<RelayUrl?> _relay = CreateRelay();
    private readonly Option<string?> _keyFile = Options.Path("--key-file", "The file that holds the key; else the configuration's key, else $PTTH_KEY");
    private readonly Option<string?> _caFile = Options.Path("--ca-file", "Trust a relay with https:// by the authorities in this file, PEM, in place of the system's");
    private readonly Option<CertificateFingerprint[]> _pins = Options.Repeated<CertificateFingerprint>(
        "--pin", "FINGERPRINT", "Trust the relay that shows the certificate with this SHA-256 fingerprint, and no other",
        CertificateFingerprint.TryParse, CertificateFingerprint.Expected);
    private readonly Option<HttpProxySetting?> _httpProxy = CreateHttpProxy();

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_relay);
        command.Options.Add(_keyFile);
        command.Options.Add(_caFile);
        command.Options.Add(_pins);
        command.Options.Add(_httpProxy);
    }

    /// <summary>The configuration's path; null without one.</summary>
    public string? ConfigPathOf(ParseResult parsed) => parsed.GetValue(_config);

    /// <summary>What the command line and the environment give.</summary>
    public ProxySources SourcesOf(ParseResult parsed, ProgramContext program) => new()
    {
        ConfigPath = parsed.GetValue(_config),
        Relay = parsed.GetValue(_relay),
        KeyFile = parsed.GetValue(_keyFile),
        CaFile = parsed.GetValue(_caFile),
        Pins = parsed.GetValue(_pins)!,
        HttpProxy = parsed.GetValue(_httpProxy),
        Variable = program.Variable,
    };

    private static Option<RelayUrl?> CreateRelay() => new("--relay")
    {
        Description = "The relay, https://HOST[:PORT][/PATH] or http://; without a path /v1",
        HelpName = "URL",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (RelayUrl.TryParse(text, out RelayUrl? url, out string? problem)) return url;
            // Whoever gave a user may have given a password.
            result.AddError($"--relay{(text.Contains('@', StringComparison.Ordinal) ? "" : " " + text)}: {problem}");
            return null;
        },
    };

    private static Option<HttpProxySetting?> CreateHttpProxy() => new("--proxy")
    {
        Description = "The HTTP proxy on the way to the relay, http://[USER:PASSWORD@]HOST:PORT, or none; else the configuration's, else $https_proxy or $http_proxy",
        HelpName = "URL",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            if (HttpProxySetting.TryParse(result.Tokens[0].Value, out HttpProxySetting? setting, out string? problem)) return setting;
            // Without the text, which may hold a password.
            result.AddError($"--proxy: {problem}");
            return null;
        },
    };
}
