using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Ptth.Common.Logging;

/// <summary>Makes the loggers that share one <see cref="LogWriter"/>.</summary>
internal sealed class LineLoggerProvider(ConsoleFormatter formatter, Stream output, LiveLine? live) : ILoggerProvider
{
    private readonly LogWriter _writer = new(output, live: live);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, formatter, _writer);

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
