using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Proxy.Doctor;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Report;
using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Tests.Proxy.Doctor;

/// <summary>What people and programs are told.</summary>
internal sealed class ReportTests
{
    private static readonly Finding Clock = new(FindingKind.Clock, "it is late", []);
    private static readonly Finding Buffering = new(FindingKind.RequestBuffering, "nothing came", [new Intermediary(IntermediaryKind.Nginx, "Server: nginx/1.22.1")]);

    [Test]
    public void A_line_for_each_step()
    {
        Assert.That(Lines(isTerminal: false), Is.EqualTo("clock              FOUND   late (1.20 s)\nproxy              -       none\ntcp                FAILED  refused (0.00 s)\n"));
        Assert.That(Lines(isTerminal: true), Does.StartWith("clock              … \r\u001b[Kclock              FOUND   late (1.20 s)\nproxy              … \r"));
    }

    [Test]
    public void Faults_come_first_with_who_what_and_how()
    {
        Assert.That(string.Join('\n', FindingsText.Compose(Diagnose(StepOutcome.Of("late", Clock), StepOutcome.Of("held", Buffering)))), Is.EqualTo(
            """

            request-buffering: nothing came.
              By: nginx (Server: nginx/1.22.1)
              What this side sends as a stream does not reach the other one before its end. In segments it does, a request each (upload = "auto", the default): that works, and costs speed.
              nginx:
                proxy_request_buffering off;
              server.toml, client.toml:
                upload = "auto"  # the default

            clock (advice): it is late.
              Keys and certificates that are valid by the one clock may not be by the other.
              on the machine whose clock is wrong:
                timedatectl set-ntp true

            Found: 1 fault, 1 advice.
            """));
    }

    [Test]
    public void A_step_that_failed_is_no_health()
    {
        Diagnosis failed = Diagnose(StepOutcome.Failed("refused"));

        Assert.That(failed.IsHealthy, Is.False);
        Assert.That(FindingsText.Compose(failed), Is.EqualTo(new[] { "", "Found: x failed." }));
        Assert.That(Diagnose(StepOutcome.Of("well"), StepOutcome.Skipped("none")).IsHealthy, Is.True);
    }

    [Test]
    public void Programs_are_told_the_same()
    {
        using var json = JsonDocument.Parse(DiagnosisDocument.Of(Diagnose(
            StepOutcome.Of("held", Buffering) with { Measured = new Dictionary<string, double> { ["connect_ms"] = 1.5 } })).ToJson());

        JsonElement step = json.RootElement.GetProperty("steps")[0], finding = json.RootElement.GetProperty("findings")[0];
        Assert.That(json.RootElement.GetProperty("relay").GetString(), Is.EqualTo("http://relay.example/v1"));
        Assert.That(json.RootElement.GetProperty("healthy").GetBoolean(), Is.False);
        Assert.That(step.ToString(), Does.Match(@"(?s)""name"": ""x"".*""result"": ""found"".*""seconds"": 1\.2,.*""text"": ""held"".*""connect_ms"": 1\.5"));
        Assert.That(finding.GetProperty("name").GetString(), Is.EqualTo("request-buffering"));
        Assert.That(finding.GetProperty("weight").GetString(), Is.EqualTo("fault"));
        Assert.That(finding.GetProperty("by")[0].GetProperty("shown_by").GetString(), Is.EqualTo("Server: nginx/1.22.1"));
        Assert.That(finding.GetProperty("remedies")[0].GetProperty("directives")[0].GetString(), Is.EqualTo("proxy_request_buffering off;"));
    }

    private static string Lines(bool isTerminal)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var lines = new StepLines(output, isTerminal);
        StepReport[] steps =
        [
            new("clock", StepOutcome.Of("late", Clock), TimeSpan.FromSeconds(1.2)),
            new("proxy", StepOutcome.Skipped("none"), TimeSpan.Zero),
            new("tcp", StepOutcome.Failed("refused"), TimeSpan.Zero),
        ];
        foreach (StepReport step in steps)
        {
            lines.Begin(new UntriedStep(step.Name, ""));
            lines.End(step);
        }

        return output.ToString();
    }

    private static Diagnosis Diagnose(params StepOutcome[] outcomes) => new(
        RelayUrl.TryParse("http://relay.example", out RelayUrl? url, out _) ? url : throw new InvalidOperationException(),
        [.. outcomes.Select(outcome => new StepReport("x", outcome, TimeSpan.FromSeconds(1.2)))]);
}
