using System.Text;
using NUnit.Framework;

namespace Ptth.Tests.Core;

/// <summary>Runs the vectors of chunked bodies: whole, byte by byte, at every split point, and with bytes behind them.</summary>
internal sealed class ChunkVectorTests
{
    private static readonly string[] Trailers = ["x", "\r\n", "\n", "0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"];

    private static IEnumerable<TestCaseData<Vector>> Vectors()
        => Vector.OfKind("chunks").Select(vector => new TestCaseData<Vector>(vector));

    [TestCaseSource(nameof(Vectors))]
    public void Whole(Vector vector)
    {
        ChunkReading reading = new ChunkReading(vector.Limits).Read(vector.Bytes);
        Assert.That(reading.Result(withVerbatim: true), Is.EqualTo(vector.Result));
        if (vector.Result.EndsWith("end", StringComparison.Ordinal))
            Assert.That(reading.Taken, Is.EqualTo(vector.VerdictAt));
    }

    [TestCaseSource(nameof(Vectors))]
    public void Byte_by_byte_the_verdict_falls_at_its_place(Vector vector)
    {
        var reading = new ChunkReading(vector.Limits);
        int shown = 0;
        while (!reading.HasVerdict && shown < vector.Bytes.Length)
            reading.Read(vector.Bytes.AsSpan(shown++, 1));

        Assert.That(reading.Result(withVerbatim: false), Is.EqualTo(WithoutVerbatim(vector)));
        Assert.That(shown, Is.EqualTo(vector.VerdictAt));
    }

    [TestCaseSource(nameof(Vectors))]
    public void At_every_split_point(Vector vector)
    {
        for (int split = 0; split <= vector.Bytes.Length; split++)
        {
            ChunkReading reading = new ChunkReading(vector.Limits).Read(vector.Bytes.AsSpan(0, split));
            bool hasVerdict = split >= vector.VerdictAt && !vector.Result.EndsWith("need more", StringComparison.Ordinal);
            Assert.That(reading.HasVerdict, Is.EqualTo(hasVerdict), $"first {split} bytes");
            if (!reading.HasVerdict)
                reading.Read(vector.Bytes.AsSpan(split));
            Assert.That(reading.Result(withVerbatim: false), Is.EqualTo(WithoutVerbatim(vector)), $"split at {split}");
        }
    }

    [TestCaseSource(nameof(Vectors))]
    public void With_bytes_behind_it(Vector vector)
    {
        if (vector.Result.EndsWith("need more", StringComparison.Ordinal))
        {
            Assert.That(vector.VerdictAt, Is.EqualTo(vector.Bytes.Length), "an unfinished body has no mark");
            return;
        }

        foreach (string trailer in Trailers)
        {
            byte[] bytes = [.. vector.Bytes.AsSpan(0, vector.VerdictAt), .. Encoding.Latin1.GetBytes(trailer)];
            ChunkReading reading = new ChunkReading(vector.Limits).Read(bytes);
            Assert.That(reading.Result(withVerbatim: true), Is.EqualTo(vector.Result), trailer);
            Assert.That(reading.Taken, Is.LessThanOrEqualTo(vector.VerdictAt));
            Assert.That(reading.Read(bytes).Result(withVerbatim: true), Is.EqualTo(vector.Result), "the verdict stands");
        }
    }

    private static string WithoutVerbatim(Vector vector)
        => string.Join('\n', vector.Result.Split('\n').Where(line => !line.StartsWith("verbatim ", StringComparison.Ordinal)));
}
