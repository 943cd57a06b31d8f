using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Commands;

/// <summary><c>ptth-relay run</c>.</summary>
internal static partial class RunCommand
{
    public static Command Create()
    {
        Option<string?> configPath = RelayOptions.Config();
        Option<IPEndPoint[]> listen = RelayOptions.Listen();
        Option<int?> drain = Options.Drain();
        var command = new Command("run", "Run the relay until SIGTERM or SIGINT") { configPath, listen, drain };
        command.SetAction((parsed, _) =>
            RunAsync(parsed, parsed.GetRequiredValue(configPath)!, parsed.GetValue(listen)!, Options.DrainOf(parsed, drain)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string path, IReadOnlyList<IPEndPoint> listen, TimeSpan drain)
    {
        RelayConfig config = RelayConfigFile.Load(path, listen, TimeProvider.System.GetUtcNow(), out IReadOnlyList<ConfigProblem> notes);
        using ILoggerFactory loggers = LogOptions.CreateLoggers(parsed);
        ILogger logger = loggers.CreateLogger("relay");
        foreach (ConfigProblem note in notes) LogNote(logger, note);
        using var lifetime = new ProcessLifetime(drain, TimeProvider.System, logger);
        using IDisposable signals = lifetime.HandleSignals();
        using var heap = new HeapTrimmer(TimeProvider.System);
        var hangup = new HangupSignal();
        using IDisposable hangups = hangup.HandleSignals();
        return await RelayHost.RunAsync(config, loggers, lifetime, hangup, () => ReadAgain(path, listen, logger)).ConfigureAwait(false);
    }

    private static RelayConfig ReadAgain(string path, IReadOnlyList<IPEndPoint> listen, ILogger logger)
    {
        TomlFile.RequireContent(path);
        RelayConfig config = RelayConfigFile.Load(path, listen, TimeProvider.System.GetUtcNow(), out IReadOnlyList<ConfigProblem> notes);
        foreach (ConfigProblem note in notes) LogNote(logger, note);
        return config;
    }

    [LoggerMessage(20, LogLevel.Warning, "{Note}")]
    private static partial void LogNote(ILogger logger, ConfigProblem note);
}
