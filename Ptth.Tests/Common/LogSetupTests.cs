using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Ptth.Common.Logging;

namespace Ptth.Tests.Common;

internal sealed partial class LogSetupTests
{
    private static string Log(LogLevel level, LogFormat format, Action<ILogger> log)
    {
        using var output = new MemoryStream();
        using (ILoggerFactory loggers = LogSetup.Create(level, format, output)) log(loggers.CreateLogger("Ptth.Test"));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    [Test]
    public void Text_is_one_line_an_entry_with_UTC_time_and_level()
    {
        string error = Log(LogLevel.Information, LogFormat.Text, logger =>
        {
            Hello(logger, "one\ntwo");
            Bad(logger);
        });
        string[] lines = error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: Ptth\.Test\[1\] Hello one two$"));
        Assert.That(lines[1], Does.Match(@"^\S+Z fail: Ptth\.Test\[2\] Bad$"));
    }

    [Test]
    public void Json_is_one_object_an_entry()
    {
        string error = Log(LogLevel.Information, LogFormat.Json, logger => Hello(logger, "one\n\"two\""));
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
        string error = Log(LogLevel.Warning, format, logger =>
        {
            Hello(logger, "x");
            Bad(logger);
        });
        Assert.That(error, Does.Contain("Bad").And.Not.Contain("Hello"));
    }

    [Test]
    public void All_that_is_queued_is_written_at_the_end()
    {
        string error = Log(LogLevel.Information, LogFormat.Text, logger =>
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
