using System.Text.Json;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Ptth.Common.Logging;

namespace Ptth.Tests.Common;

// The console is one for the process.
[NonParallelizable]
internal sealed partial class LogSetupTests
{
    private static (string Output, string Error) Log(LogLevel level, LogFormat format, Action<ILogger> log)
    {
        TextWriter output = Console.Out, error = Console.Error;
        using StringWriter capturedOutput = new(), capturedError = new();
        Console.SetOut(capturedOutput);
        Console.SetError(capturedError);
        try
        {
            using (ILoggerFactory loggers = LogSetup.Create(level, format)) log(loggers.CreateLogger("Ptth.Test"));
            return (capturedOutput.ToString(), capturedError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    [Test]
    public void Text_is_one_line_an_entry_with_UTC_time_and_level_on_standard_error()
    {
        (string output, string error) = Log(LogLevel.Information, LogFormat.Text, logger =>
        {
            Hello(logger, "one\ntwo");
            Bad(logger);
        });
        Assert.That(output, Is.Empty);
        string[] lines = error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: Ptth\.Test\[1\] Hello one two$"));
        Assert.That(lines[1], Does.Match(@"^\S+Z fail: Ptth\.Test\[2\] Bad$"));
    }

    [Test]
    public void Json_is_one_object_an_entry()
    {
        (string output, string error) = Log(LogLevel.Information, LogFormat.Json, logger => Hello(logger, "one\n\"two\""));
        Assert.That(output, Is.Empty);
        Assert.That(error.TrimEnd('\n', '\r'), Does.Not.Contain('\n'));
        using JsonDocument entry = JsonDocument.Parse(error);
        Assert.That(entry.RootElement.GetProperty("Timestamp").GetString(), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"));
        Assert.That(entry.RootElement.GetProperty("LogLevel").GetString(), Is.EqualTo("Information"));
        Assert.That(entry.RootElement.GetProperty("Message").GetString(), Is.EqualTo("Hello one\n\"two\""));
        Assert.That(entry.RootElement.GetProperty("State").GetProperty("Who").GetString(), Is.EqualTo("one\n\"two\""));
    }

    [TestCase(LogFormat.Text)]
    [TestCase(LogFormat.Json)]
    public void What_is_below_the_level_is_left_out(LogFormat format)
    {
        (_, string error) = Log(LogLevel.Warning, format, logger =>
        {
            Hello(logger, "x");
            Bad(logger);
        });
        Assert.That(error, Does.Contain("Bad").And.Not.Contain("Hello"));
    }

    [Test]
    public void All_that_is_queued_is_written_at_the_end()
    {
        (_, string error) = Log(LogLevel.Information, LogFormat.Text, logger =>
        {
            for (int i = 0; i < 500; i++) Hello(logger, $"number {i}");
        });
        Assert.That(error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(500));
    }

    [LoggerMessage(1, LogLevel.Information, "Hello {Who}")]
    private static partial void Hello(ILogger logger, string who);

    [LoggerMessage(2, LogLevel.Error, "Bad")]
    private static partial void Bad(ILogger logger);
}
