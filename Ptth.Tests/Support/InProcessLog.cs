using Microsoft.Extensions.Logging;

namespace Ptth.Tests.Support;

/// <summary>Keeps what is logged.</summary>
internal sealed class InProcessLog : ILogger, ILoggerFactory
{
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines.Select(static line => line.Text)];
        }
    }

    /// <summary>The lines that tell of a defect.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lines) return [.. _lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Text)];
        }
    }

    /// <summary>Forgets all lines so far: those that tell of a failure were meant.</summary>
    public void Forget()
    {
        lock (_lines) _lines.Clear();
    }

    /// <summary>Waits for a line that contains <paramref name="text"/>, and returns it.</summary>
    public async Task<string> LineAsync(string text, CancellationToken token)
    {
        string? found = null;
        await InProcessWait.UntilAsync(
            () => (found = Lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is not null, $"a line with \"{text}\"", token);
        return found!;
    }

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = formatter(state, exception);
        lock (_lines) _lines.Add((logLevel, exception is null ? text : $"{text}: {exception}"));
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
