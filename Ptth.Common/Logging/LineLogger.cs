using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Ptth.Common.Logging;

/// <summary>A logger whose entries are formatted as the console logger of the framework would, on the thread that logs, and written by a <see cref="LogWriter"/>.</summary>
internal sealed class LineLogger(string category, ConsoleFormatter formatter, LogWriter writer) : ILogger
{
    [ThreadStatic]
    private static StringWriter? _line;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format)
    {
        StringWriter line = _line ??= new StringWriter();
        StringBuilder text = line.GetStringBuilder();
        formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, format), scopeProvider: null, line);
        if (text.Length > 0) writer.Write(text);
        text.Clear();
    }
}
