using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Doctor;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Judging;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Tests.Proxy.Doctor;

/// <summary>What is made of measurements.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class JudgementTests : IDisposable
{
    private static readonly PathAnswer OfNginx = new(200, ProtocolVersion.Http11, "nginx/1.22.1", null, IsRelays: true);
    private static readonly ProbeEcho Echo = new() { Version = "1.1", TransferEncoding = "chunked", Party = "server", Name = "home", Relay = "0.1.0" };

    private readonly Examination _examination = new(
        new DoctorConfig { Relay = RelayUrl.TryParse("http://relay.example", out RelayUrl? url, out _) ? url : throw new InvalidOperationException(), Key = PtthKey.Generate() },
        TimeProvider.System);

    public void Dispose() => _examination.Dispose();

    [Test]
    public void Chunked_both_ways_is_well()
    {
        AssertFound(ChunkingJudgement.Of(_examination, Chunking()));
    }

    [Test]
    public void Versions_and_framing_are_told_apart()
    {
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { Request = Echo with { Version = "1.0" }, RequestIsChunked = false }), FindingKind.Http10ToRelay);
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { Request = Echo with { ContentLength = "5" }, RequestIsChunked = false }));
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { Answer = OfNginx with { Version = ProtocolVersion.Http10 }, AnswerIsChunked = false }), FindingKind.Http10Answers);
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { AnswerIsChunked = false }));
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { AnswerIsChunked = false, AnswerEndsWithConnection = true }), FindingKind.Http10Answers);
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { Answer = OfNginx with { Status = 426 }, AnswerIsChunked = false }));
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { AnswerIsChanged = true }), FindingKind.AnswersChanged);
        AssertFound(ChunkingJudgement.Of(_examination, Chunking() with { AnswerEncoding = "gzip" }), FindingKind.AnswersChanged);
    }

    [Test]
    public void What_is_held_back_is_told()
    {
        AssertFound(BufferingJudgement.OfRequests(_examination, new RequestBuffering { Outcome = ProbeOutcome.Measured }));
        AssertFound(BufferingJudgement.OfRequests(_examination, new RequestBuffering { Outcome = ProbeOutcome.Measured, IsHeld = true }), FindingKind.RequestBuffering);
        AssertFound(BufferingJudgement.OfResponses(_examination, new ResponseBuffering { Outcome = ProbeOutcome.Measured }));
        AssertFound(BufferingJudgement.OfResponses(_examination, new ResponseBuffering { Outcome = ProbeOutcome.Measured, IsHeldUnasked = true }), FindingKind.ResponseBufferingUnasked);
        AssertFound(BufferingJudgement.OfResponses(_examination, new ResponseBuffering { Outcome = ProbeOutcome.Measured, IsHeld = true, IsHeldUnasked = true }), FindingKind.ResponseBuffering);
    }

    [TestCase("nginx", true)]
    [TestCase(null, true)]
    [TestCase("something else", true)]
    [TestCase("Caddy", false)]
    public void The_field_that_nginx_heeds_matters_where_it_may_be_nginx(string? server, bool isFound)
    {
        _examination.See(server, null);

        AssertFound(BufferingJudgement.OfResponses(_examination, new ResponseBuffering { Outcome = ProbeOutcome.Measured, IsHeldUnasked = true }),
            isFound ? [FindingKind.ResponseBufferingUnasked] : []);
    }

    [TestCase(8, 1, 1, null)]
    [TestCase(8, 2, 2, null)]
    [TestCase(8, 8, 8, "connections-closed")]
    [TestCase(8, 1, 8, "relay-connections-closed")]
    public void Connections_for_each_request_are_told(int requests, int own, int relay, string? found)
    {
        StepOutcome outcome = KeepAliveJudgement.Of(
            _examination, new KeepAlive { Outcome = ProbeOutcome.Measured, Requests = requests, OwnConnections = own, RelayConnections = relay });

        Assert.That(outcome.Findings.Select(finding => finding.Name), Is.EqualTo(found is null ? Array.Empty<string>() : [found]));
    }

    [Test]
    public void Who_cannot_keep_connections_to_the_relay_is_let_alone()
    {
        _examination.See("lighttpd/1.4.69", null);

        AssertFound(KeepAliveJudgement.Of(_examination, new KeepAlive { Outcome = ProbeOutcome.Measured, Requests = 8, OwnConnections = 1, RelayConnections = 8 }));
    }

    [Test]
    public void A_bound_of_bodies_is_told_with_who_has_it()
    {
        _examination.See("Something", null);
        var refusing = new PathAnswer(413, ProtocolVersion.Http11, "nginx/1.22.1", null, IsRelays: false);

        AssertFound(SizeCapJudgement.Of(_examination, new SizeCap { Outcome = ProbeOutcome.Measured, StreamTried = 1000 }));
        StepOutcome refused = SizeCapJudgement.Of(
            _examination, new SizeCap { Outcome = ProbeOutcome.Measured, LongestLength = 10_000_000, RefusedLength = 64_000_000, Answer = refusing });
        StepOutcome cut = SizeCapJudgement.Of(
            _examination, new SizeCap { Outcome = ProbeOutcome.Measured, StreamCut = StreamCut.Broken, StreamCutAfter = 5000, StreamTried = 10_000, Answer = OfNginx });

        AssertFound(refused, FindingKind.SizeCap);
        Assert.That(refused.Text, Is.EqualTo("a request with a body of 64 MB is refused (413 of nginx/1.22.1), and one of 10 MB is not"));
        Assert.That((refused.Findings[0].Bound, refused.Findings[0].By.Single().Name), Is.EqualTo((10_000_000L, "nginx")));
        AssertFound(cut, FindingKind.SizeCap);
        Assert.That((cut.Text, cut.Findings[0].Bound), Is.EqualTo(("a stream is cut after 5.0 kB", 5000L)));
        Assert.That(cut.Findings[0].By.Single().ShownBy, Is.EqualTo("Server: Something"));
    }

    [TestCase(StreamCut.Broken, StreamCut.Broken, "an answer that breaks off is broken here; a request's body that breaks off is broken at the relay", false)]
    [TestCase(StreamCut.Broken, StreamCut.Silent, "an answer that breaks off is broken here; that a request's body breaks off is not told at the relay in time", false)]
    [TestCase(StreamCut.Silent, StreamCut.None, "that an answer breaks off is not told here in time; for a request's body it could not be measured", false)]
    [TestCase(StreamCut.None, StreamCut.Ended, "a request's body that was broken off came to the relay as a whole one", true)]
    [TestCase(StreamCut.Ended, StreamCut.Broken, "an answer that the relay broke off came as a whole one", true)]
    [TestCase(StreamCut.Broken, StreamCut.Ended, "a request's body that was broken off came to the relay as a whole one", true)]
    public void Breaks_that_come_as_ends_are_told(StreamCut down, StreamCut up, string text, bool isFound)
    {
        StepOutcome outcome = BreakJudgement.Of(_examination, new BreakPassing { Outcome = ProbeOutcome.Measured, Down = down, Up = up });

        AssertFound(outcome, isFound ? [FindingKind.BreakAsEnd] : []);
        Assert.That(outcome.Text, Is.EqualTo(text));
    }

    [TestCase(1, 26, false)]
    [TestCase(1, 27, true)]
    public void Small_messages_that_wait_for_more_are_told(int request, int stream, bool isFound)
    {
        StepOutcome outcome = LatencyJudgement.Of(_examination, new Latency
        {
            Outcome = ProbeOutcome.Measured,
            Request = TimeSpan.FromMilliseconds(request),
            Stream = TimeSpan.FromMilliseconds(stream),
            Rounds = 41,
        });

        AssertFound(outcome, isFound ? [FindingKind.Delay] : []);
        Assert.That(outcome.Measured["stream_ms"], Is.EqualTo(stream));
    }

    [Test]
    public void How_much_gets_through_is_told_and_no_finding()
    {
        StepOutcome outcome = ThroughputJudgement.Of(new Throughput
        {
            Outcome = ProbeOutcome.Measured,
            Down = new StreamRate(ProbeOutcome.Measured, 64_000_000, TimeSpan.FromSeconds(2), StreamCut.None, null),
        });

        AssertFound(outcome);
        Assert.That(outcome.Text, Is.EqualTo("up not measured; down 32 MB/s"));
        Assert.That(outcome.Measured.Single(), Is.EqualTo(KeyValuePair.Create("down_bytes_per_second", 32e6)));
    }

    [Test]
    public void The_shorter_of_two_cuts_of_what_rests_counts()
    {
        var whole = new IdleCut { Outcome = ProbeOutcome.Measured, Waited = TimeSpan.FromSeconds(75), Down = Rested(StreamCut.None, 0), Up = Rested(StreamCut.None, 0) };

        AssertFound(IdleCutJudgement.Of(_examination, whole));
        StepOutcome outcome = IdleCutJudgement.Of(_examination, whole with { Down = Rested(StreamCut.Broken, 60.2), Up = Rested(StreamCut.Answered, 30.9) });
        AssertFound(outcome, FindingKind.IdleCut);
        Assert.That(outcome.Findings[0].Bound, Is.EqualTo(30));
        Assert.That(outcome.Text, Is.EqualTo("an answer that rests is cut off after 60 s; a request's body that rests is cut off after 31 s"));
    }

    [Test]
    public async Task What_cannot_be_measured_fails_unless_a_fault_says_why()
    {
        var late = new PathStep<RequestBuffering>("x", (_, _) => Task.FromResult(new RequestBuffering { Outcome = ProbeOutcome.Late }), BufferingJudgement.OfRequests);
        var older = new PathStep<RequestBuffering>("x", (_, _) => Task.FromResult(new RequestBuffering { Outcome = ProbeOutcome.NotKnown }), BufferingJudgement.OfRequests);

        Assert.That((await older.RunAsync(_examination, default)).Result, Is.EqualTo(StepResult.Skipped));
        Assert.That((await late.RunAsync(_examination, default)).Result, Is.EqualTo(StepResult.Failed));
        _examination.Find(FindingKind.Http10ToRelay, "x");
        StepOutcome outcome = await late.RunAsync(_examination, default);
        Assert.That((outcome.Result, outcome.Text), Is.EqualTo((StepResult.Skipped, "cannot be measured (nothing came in time) before this is mended: http10-to-relay")));
    }

    [TestCase(429, "too many probes are under way; where another doctor runs with this key, wait for its end")]
    [TestCase(503, "it is shutting down; try again when it is back")]
    public async Task A_relay_that_takes_no_probe_says_why(int status, string words)
    {
        var answer = new PathAnswer(status, ProtocolVersion.Http11, null, null, IsRelays: true);
        var refused = new PathStep<RequestBuffering>(
            "x", (_, _) => Task.FromResult(new RequestBuffering { Outcome = ProbeOutcome.Refused, Answer = answer }), BufferingJudgement.OfRequests);

        StepOutcome outcome = await refused.RunAsync(_examination, default);

        Assert.That((outcome.Result, outcome.Text), Is.EqualTo((StepResult.Failed, $"cannot be measured: the relay answered {status}, {words}")));
    }

    [Test]
    public void What_strangers_say_is_shown_on_one_line_and_without_a_key()
    {
        string key = PtthKey.Generate().Reveal();

        Assert.That(Foreign.Line($"a\r\n\u001b[2J {key}"), Is.EqualTo("a??" + "?[2J ptth_…"));
        Assert.That(Foreign.Line(new string('x', 200)), Has.Length.EqualTo(129));
        Assert.That(Foreign.Line(null), Is.Null);
    }

    private static Chunking Chunking() => new() { Outcome = ProbeOutcome.Measured, Answer = OfNginx, Request = Echo, RequestIsChunked = true, AnswerIsChunked = true };

    private static IdleDirection Rested(StreamCut cut, double seconds) => new(ProbeOutcome.Measured, cut, TimeSpan.FromSeconds(seconds), OfNginx);

    private static void AssertFound(StepOutcome outcome, params FindingKind[] kinds)
    {
        Assert.That(outcome.Findings.Select(finding => finding.Kind), Is.EqualTo(kinds));
        Assert.That(outcome.Result, Is.EqualTo(kinds.Length == 0 ? StepResult.Ok : StepResult.Found));
    }
}
