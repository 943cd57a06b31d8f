using System.CommandLine;
using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Logging;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Reloading;

namespace Ptth.Proxy.Commands;

/// <summary>The options that both proxies share, and what both do with them.</summary>
internal sealed class ProxyOptions
{
    private readonly RelayOptions _relay = new();
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
        _relay.AddTo(command);
        foreach (Option option in own) command.Options.Add(option);
        command.Options.Add(_upload);
        command.Options.Add(_drain);
        command.Options.Add(_noLive);
    }

    /// <summary>What the command line and the environment give.</summary>
    public ProxySources SourcesOf(ParseResult parsed, ProgramContext program) => _relay.SourcesOf(parsed, program) with { Upload = parsed.GetValue(_upload) };

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
        string? path = _relay.ConfigPathOf(parsed);
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
        Description = "How bytes go to the relay: as a stream, in segments, or as a probe of the path says [default: auto]",
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
}
