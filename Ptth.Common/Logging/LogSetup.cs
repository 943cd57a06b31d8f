using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Ptth.Common.Logging;

/// <summary>How an entry is written.</summary>
public enum LogFormat
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>One line with a JSON object.</summary>
    Json,
}

/// <summary>Logging of all programs: to standard error, and never in the way of the work.</summary>
public static class LogSetup
{
    private const string UtcTime = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <summary>
    /// Loggers for what is at least <paramref name="level"/>. Entries are written a few milliseconds later by a thread of its own; where
    /// <paramref name="output"/> does not take them in time, entries are dropped and counted rather than waited for. Disposing writes all
    /// that is waiting.
    /// </summary>
    /// <param name="level">The least level.</param>
    /// <param name="format">How an entry is written.</param>
    /// <param name="output">Where to.</param>
    /// <param name="live">What is shown below the entries, where the output is a terminal.</param>
    public static ILoggerFactory Create(LogLevel level, LogFormat format, Stream output, LiveLine? live = null) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        // Of the framework's console logger only the formats are used: it wakes its thread and calls the system for each entry.
        if (format == LogFormat.Json)
        {
            builder.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = UtcTime.TrimEnd();
            });
        }
        else
        {
            builder.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.ColorBehavior = LoggerColorBehavior.Disabled;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = UtcTime;
            });
        }

        builder.ClearProviders();
        string name = format == LogFormat.Json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
        builder.Services.AddSingleton<ILoggerProvider>(services =>
            new LineLoggerProvider(services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == name), output, live));
    });
}
