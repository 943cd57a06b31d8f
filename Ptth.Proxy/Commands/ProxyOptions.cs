using System.CommandLine;
using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Logging;
using Ptth.Common.Net;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Reloading;

namespace Ptth.Proxy.Commands;

/// <summary>The options that both proxies share, and what both do with them.</summary>
internal sealed class ProxyOptions
{
    private readonly Option<string?> _config = Options.Path("--config", "The configuration, TOML; other options win over it");
    private readonly Option<RelayUrl?> _relay = CreateRelay();
    private readonly Option<string?> _keyFile = Options.Path("--key-file", "The file that holds the key; else the configuration's key, else $PTTH_KEY");
    private readonly Option<string?> _caFile = Options.Path("--ca-file", "Trust a relay with https:// by the authorities in this file, PEM, in place of the system's");
    private readonly Option<CertificateFingerprint[]> _pins = Options.Repeated<CertificateFingerprint>(
        "--pin", "FINGERPRINT", "Trust the relay that shows the certificate with this SHA-256 fingerprint, and no other",
        CertificateFingerprint.TryParse, CertificateFingerprint.Expected);
    private readonly Option<HttpProxySetting?> _httpProxy = CreateHttpProxy();
    private readonly Option<UploadMode?> _upload = CreateUpload();
    private readonly Option<int?> _drain = Options.Drain();
    private readonly Option<bool> _noLive = new("--no-live")
    {
        Description = "On a terminal, show log lines alone, without the line below them that says how things stand",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>Adds them to a command, the configuration and the relay before the command's own.</summary>
    public void AddTo(Command command, params ReadOnlySpan<Option> own)
    {
        command.Options.Add(_config);
        command.Options.Add(_relay);
        command.Options.Add(_keyFile);
        command.Options.Add(_caFile);
        command.Options.Add(_pins);
        command.Options.Add(_httpProxy);
        foreach (Option option in own) command.Options.Add(option);
        command.Options.Add(_upload);
        command.Options.Add(_drain);
        command.Options.Add(_noLive);
    }

    /// <summary>What the command line and the environment give.</summary>
    public ProxySources SourcesOf(ParseResult parsed, ProgramContext program) => new()
    {
        ConfigPath = parsed.GetValue(_config),
        Relay = parsed.GetValue(_relay),
        KeyFile = parsed.GetValue(_keyFile),
        CaFile = parsed.GetValue(_caFile),
        Pins = parsed.GetValue(_pins)!,
        HttpProxy = parsed.GetValue(_httpProxy),
        Upload = parsed.GetValue(_upload),
        Variable = program.Variable,
    };

    /// <summary>Runs a proxy with its loggers, its lifetime, the terminal where there is one, and the way in which it is asked to read its configuration again.</summary>
    public async Task<int> RunAsync<TConfig>(ParseResult parsed, ProgramContext program, Func<TConfig> read,
        Func<ILoggerFactory, ProcessLifetime, LiveTerminal?, ProxyReload<TConfig>, Task<int>> run)
    {
        LiveTerminal? live = TerminalOf(parsed, program);
        using ILoggerFactory loggers = LogOptions.CreateLoggers(parsed, live?.Line);
        ILogger logger = loggers.CreateLogger("proxy");
        using var lifetime = new ProcessLifetime(Options.DrainOf(parsed, _drain), TimeProvider.System, logger);
        using IDisposable signals = lifetime.HandleSignals();
        var hangup = new HangupSignal();
        using IDisposable hangups = hangup.HandleSignals();
        string? path = parsed.GetValue(_config);
        var reload = new ProxyReload<TConfig>(hangup.Register, () => ReadAgain(path, read), HasFile: path is not null);
        using var heap = new HeapTrimmer(TimeProvider.System);
        return await run(loggers, lifetime, live, reload).ConfigureAwait(false);
    }

    private static TConfig ReadAgain<TConfig>(string? path, Func<TConfig> read)
    {
        if (path is not null) TomlFile.RequireContent(path);
        return read();
    }

    /// <summary>Where the live line goes. JSON is for programs, on a terminal too.</summary>
    private LiveTerminal? TerminalOf(ParseResult parsed, ProgramContext program) =>
        !parsed.GetValue(_noLive) && LogOptions.FormatOf(parsed) == LogFormat.Text && Terminal.OfError(program.Variable) is { } terminal
            ? new LiveTerminal(terminal, new LiveLine())
            : null;

    private static Option<UploadMode?> CreateUpload() => new("--upload")
    {
        Description = "How bytes go to the relay: as a stream, in segments, or as a probe says [default: stream]",
        HelpName = "stream|segments|auto",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (UploadSettings.TryParseMode(text, out UploadMode mode)) return mode;
            result.AddError($"--upload {text}: {UploadSettings.Expected}");
            return null;
        },
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
            result.AddError($"--relay {text}: {problem}");
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
