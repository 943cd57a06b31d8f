using NUnit.Framework;
using Ptth.Http.Flow;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>Random payloads in random framing, received in random pieces, through every pair of source and sink.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class FlowPropertyTests
{
    private const int Rounds = 150;

    [Test]
    public async Task What_goes_in_comes_out([Values] SourceKind source, [Values] SinkKind sink)
    {
        foreach (int seed in Seeds.Rounds(Rounds)) await FlowCase.Random(seed, source, sink).AssertArrivesAsync(Seeds.Message(seed));
    }

    [Test]
    public async Task What_is_cut_off_is_no_clean_end(
        [Values] SourceKind source, [Values] SinkKind sink, [Values(ChannelEnd.Fin, ChannelEnd.Reset)] ChannelEnd end)
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            FlowCase whole = FlowCase.Random(seed, source, sink);
            // A TCP connection's own end is always clean.
            if (whole.Wire.Length == 0 || (source == SourceKind.Raw && end == ChannelEnd.Fin)) continue;
            int length = new Random(seed).Next(whole.Wire.Length);
            var cut = new FlowCase
            {
                Payload = whole.Payload,
                Wire = whole.Wire[..length],
                Cuts = [.. whole.Cuts.Where(at => at <= length)],
                Source = source,
                Sink = sink,
                End = end,
                IsAsync = whole.IsAsync,
            };

            FlowResult result = await cut.RunAsync();

            Assert.That(result.End, Is.EqualTo(FlowEnd.SourceFailed), Seeds.Message(seed));
            cut.AssertBrokenOff(Seeds.Message(seed));
        }
    }

    [Test]
    public async Task A_destination_that_fails_is_blamed([Values] SourceKind source, [Values] SinkKind sink)
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            FlowCase flow = FlowCase.Random(seed, source, sink);
            await flow.AssertArrivesAsync(Seeds.Message(seed));
            if (flow.Out.Sends == 0) continue;

            FlowResult result = await flow.RunAsync(sends: new Random(seed).Next(flow.Out.Sends));

            Assert.That(result.End, Is.EqualTo(FlowEnd.DestinationFailed), Seeds.Message(seed));
            flow.AssertBrokenOff(Seeds.Message(seed));
        }
    }

    [Test]
    public async Task Harmed_framing_never_brings_what_was_not_sent([Values] SinkKind sink)
    {
        int broken = 0;
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            FlowCase whole = FlowCase.Random(seed, SourceKind.Chunked, sink);
            byte[] wire = RandomInput.Harmed(Seeds.Faker(seed), whole.Wire);
            string expected = new ChunkReading(Http.Core.HttpLimits.Default).Read(wire).Result(withVerbatim: false);
            var harmed = new FlowCase
            {
                Payload = [],
                Wire = wire,
                Cuts = [.. whole.Cuts.Where(at => at <= wire.Length)],
                Source = SourceKind.Chunked,
                Sink = sink,
                End = ChannelEnd.Fin,
                IsAsync = whole.IsAsync,
            };

            FlowResult result = await harmed.RunAsync();
            (_, bool ended) = harmed.ReadOut();

            FlowEnd end = expected.EndsWith("end", StringComparison.Ordinal) ? FlowEnd.Clean
                : expected.EndsWith("need more", StringComparison.Ordinal) ? FlowEnd.SourceFailed : FlowEnd.SourceInvalid;
            Assert.That((result.End, ended), Is.EqualTo((end, end == FlowEnd.Clean)), Seeds.Message(seed));
            if (end == FlowEnd.SourceInvalid)
            {
                Assert.That(expected, Does.EndWith(" " + result.Violation), Seeds.Message(seed));
                broken++;
            }
        }

        Assert.That(broken, Is.GreaterThan(Rounds / 10), "the harm does harm");
    }
}
