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
    // Enough for a burst; at some 200 bytes an entry this is 200 KB at most.
    private const int MaxQueuedEntries = 1024;

    private const string UtcTime = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <summary>
    /// Loggers for what is at least <paramref name="level"/>. Entries are queued and written by a thread of their own; where standard
    /// error is not read in time, entries are dropped and counted rather than waited for. Disposing writes what is queued.
    /// </summary>
    public static ILoggerFactory Create(LogLevel level, LogFormat format) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        builder.AddConsole(options =>
        {
            options.FormatterName = format == LogFormat.Json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;
            options.LogToStandardErrorThreshold = LogLevel.Trace;
            options.MaxQueueLength = MaxQueuedEntries;
            options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
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
    });
}
