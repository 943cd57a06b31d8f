using Bogus;
using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>What holds for every chunked body, shown with random ones.</summary>
internal sealed class ChunkPropertyTests
{
    private const int Rounds = 400;

    [Test]
    public void Any_chunking_with_any_splits_gives_the_same_bytes()
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] data = faker.Random.Bytes(faker.Random.Number(0, 2000));
            byte[] body = RandomInput.Chunked(faker, data);

            ChunkReading reading = ReadInPieces(HttpLimits.Default, body, RandomInput.Cuts(faker, body.Length));
            Assert.That(reading.Result(withVerbatim: false), Does.EndWith("end"), Seeds.Message(seed));
            Assert.That(reading.Data, Is.EqualTo(data), Seeds.Message(seed));
            Assert.That(reading.Taken, Is.EqualTo(body.Length), Seeds.Message(seed));
        }
    }

    [Test]
    public void What_the_encoder_writes_is_handed_on_whole()
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] data = faker.Random.Bytes(faker.Random.Number(1, 5000));
            byte[] body = new byte[data.Length + 100];
            int length = ChunkEncoder.WriteSizeLine(body, data.Length);
            data.CopyTo(body.AsSpan(length));
            ChunkEncoder.Crlf.Span.CopyTo(body.AsSpan(length += data.Length));
            length += 2;

            var decoder = new ChunkDecoder(HttpLimits.Default);
            Assert.That(decoder.Next(body.AsSpan(0, length), out ChunkPiece piece), Is.EqualTo(ChunkStep.Data), Seeds.Message(seed));
            Assert.That((piece.VerbatimStart, piece.VerbatimLength, piece.Consumed), Is.EqualTo((0, length, length)), Seeds.Message(seed));
            Assert.That(decoder.Next(ChunkEncoder.LastChunk.Span, out piece), Is.EqualTo(ChunkStep.End), Seeds.Message(seed));
            Assert.That(piece.VerbatimLength, Is.Zero, Seeds.Message(seed));
        }
    }

    [Test]
    public void The_verdict_on_a_harmed_body_does_not_depend_on_its_splits()
    {
        var limits = new HttpLimits
        {
            MaxChunkSizeLineBytes = 40,
            MaxChunkExtensionBytes = 200,
            MaxFramingExcessBytes = 60,
            MaxTrailerBytes = 100,
            MaxTrailerFields = 2,
        };
        foreach (int seed in Seeds.Rounds(Rounds * 10))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] body = RandomInput.Harmed(faker, RandomInput.Chunked(faker, faker.Random.Bytes(faker.Random.Number(0, 300))));

            string whole = ReadInPieces(limits, body, [body.Length]).Result(withVerbatim: false);
            string pieces = ReadInPieces(limits, body, RandomInput.Cuts(faker, body.Length)).Result(withVerbatim: false);
            string bytes = ReadInPieces(limits, body, Enumerable.Range(1, body.Length)).Result(withVerbatim: false);
            Assert.That(pieces, Is.EqualTo(whole), Seeds.Message(seed));
            Assert.That(bytes, Is.EqualTo(whole), Seeds.Message(seed));
        }
    }

    private static ChunkReading ReadInPieces(HttpLimits limits, byte[] body, IEnumerable<int> cuts)
    {
        var reading = new ChunkReading(limits);
        int from = 0;
        foreach (int cut in cuts)
        {
            reading.Read(body.AsSpan(from, cut - from));
            from = cut;
            if (reading.HasVerdict)
                break;
        }

        return reading;
    }
}
