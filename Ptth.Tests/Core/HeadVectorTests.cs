using System.Text;
using NUnit.Framework;

namespace Ptth.Tests.Core;

/// <summary>Runs the vectors of heads: whole, byte by byte, at every split point, and with bytes behind them.</summary>
internal sealed class HeadVectorTests
{
    private static readonly string[] Trailers =
        ["x", "\r\n", "\n", "\0", " folded: yes\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n"];

    private static IEnumerable<TestCaseData<Vector>> Vectors()
        => Vector.OfKind("request").Concat(Vector.OfKind("response")).Select(vector => new TestCaseData<Vector>(vector));

    [TestCaseSource(nameof(Vectors))]
    public void Whole(Vector vector) => Assert.That(new HeadReading(vector).Read(vector.Bytes), Is.EqualTo(Expected(vector)));

    [TestCaseSource(nameof(Vectors))]
    public void Byte_by_byte_the_verdict_falls_at_its_place(Vector vector)
    {
        var reading = new HeadReading(vector);
        string result = reading.Read([]);
        int shown = 0;
        while (result == HeadReading.NeedMore && shown < vector.Bytes.Length)
            result = reading.Read(vector.Bytes.AsSpan(0, ++shown));

        Assert.That(result, Is.EqualTo(Expected(vector)));
        Assert.That(shown, Is.EqualTo(vector.VerdictAt));
    }

    [TestCaseSource(nameof(Vectors))]
    public void At_every_split_point(Vector vector)
    {
        for (int split = 0; split <= vector.Bytes.Length; split++)
        {
            var reading = new HeadReading(vector);
            string result = reading.Read(vector.Bytes.AsSpan(0, split));
            if (split < vector.VerdictAt)
            {
                Assert.That(result, Is.EqualTo(HeadReading.NeedMore), $"first {split} bytes");
                result = reading.Read(vector.Bytes);
            }

            Assert.That(result, Is.EqualTo(Expected(vector)), $"split at {split}");
        }
    }

    [TestCaseSource(nameof(Vectors))]
    public void With_bytes_behind_it(Vector vector)
    {
        if (vector.Result == HeadReading.NeedMore)
        {
            Assert.That(vector.VerdictAt, Is.EqualTo(vector.Bytes.Length), "an unfinished head has no mark");
            return;
        }

        foreach (string trailer in Trailers)
        {
            byte[] bytes = [.. vector.Bytes.AsSpan(0, vector.VerdictAt), .. Encoding.Latin1.GetBytes(trailer)];
            Assert.That(new HeadReading(vector).Read(bytes), Is.EqualTo(Expected(vector)), trailer);
        }
    }

    private static string Expected(Vector vector)
        => vector.Result.StartsWith("done", StringComparison.Ordinal) ? $"{vector.Result}\nhead ends at {vector.VerdictAt}" : vector.Result;
}
