using System.Text;
using Bogus;
using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>What holds for every head, shown with random ones.</summary>
internal sealed class HeadPropertyTests
{
    private const int Rounds = 400;

    [Test]
    public void A_request_is_read_as_it_was_written()
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            string method = RandomInput.Token(faker, 20);
            string target = RandomInput.Target(faker);
            byte[] head = WriteFields(faker, (ref HeadWriter writer) =>
            {
                writer.RequestLine(method, target);
                writer.Field("Host"u8, "a");
            }, out List<(string Name, byte[] Value)> fields);

            HeadScan scan = default;
            RequestHead? read = null;
            ParseStatus status = ParseStatus.NeedMore;
            int consumed = 0;
            foreach (int cut in RandomInput.Cuts(faker, head.Length))
                status = RequestHead.TryRead(head.AsSpan(0, cut), HttpLimits.Default, ref scan, out read, out consumed, out _);

            Assert.That(status, Is.EqualTo(ParseStatus.Done), Seeds.Message(seed));
            Assert.That((read!.Method, read.Target, consumed), Is.EqualTo((method, target, head.Length)), Seeds.Message(seed));
            AssertFields(read.Fields, 1, fields, seed);
        }
    }

    [Test]
    public void A_response_is_read_as_it_was_written()
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            int code = faker.Random.Number(200, 599);
            WriteStart start = (ref HeadWriter writer) => writer.StatusLine(code);
            byte[] head = WriteFields(faker, start, out List<(string Name, byte[] Value)> fields);

            HeadScan scan = default;
            ResponseHead? read = null;
            ParseStatus status = ParseStatus.NeedMore;
            int consumed = 0;
            foreach (int cut in RandomInput.Cuts(faker, head.Length))
                status = ResponseHead.TryRead(head.AsSpan(0, cut), HttpLimits.Default, "GET", ref scan, out read, out consumed, out _);

            Assert.That(status, Is.EqualTo(ParseStatus.Done), Seeds.Message(seed));
            Assert.That((read!.Status, consumed), Is.EqualTo((code, head.Length)), Seeds.Message(seed));
            AssertFields(read.Fields, 0, fields, seed);
        }
    }

    [TestCase("request")]
    [TestCase("response")]
    public void The_verdict_on_a_harmed_head_does_not_depend_on_its_splits(string kind)
    {
        var limits = new HttpLimits { MaxHeadBytes = 1024, MaxStartLineBytes = 200, MaxFields = 10 };
        foreach (int seed in Seeds.Rounds(Rounds * 10))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] bytes = RandomInput.Harmed(faker, kind == "request" ? RandomInput.Request(faker) : RandomInput.Response(faker));

            string whole = new HeadReading(kind, "GET", limits).Read(bytes);
            Assert.That(ReadInPieces(kind, limits, bytes, RandomInput.Cuts(faker, bytes.Length)), Is.EqualTo(whole), Seeds.Message(seed));
            Assert.That(ReadInPieces(kind, limits, bytes, Enumerable.Range(1, bytes.Length)), Is.EqualTo(whole), Seeds.Message(seed));
            if (whole != HeadReading.NeedMore)
            {
                byte[] more = [.. bytes, .. faker.Random.Bytes(50)];
                Assert.That(new HeadReading(kind, "GET", limits).Read(more), Is.EqualTo(whole), Seeds.Message(seed));
            }
        }
    }

    [Test]
    public void Random_bytes_are_judged_without_a_crash()
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            byte[] bytes = Seeds.Faker(seed).Random.Bytes(200);
            string result = new HeadReading("request", "", HttpLimits.Default).Read(bytes);
            Assert.That(result, Does.StartWith("invalid").Or.EqualTo(HeadReading.NeedMore), Seeds.Message(seed));
        }
    }

    [TestCase("GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n", "request", 4000)]
    [TestCase("GET / HTTP/1.1\r\n{0}: a\r\nHost: a\r\n\r\n", "request", 15000)]
    [TestCase("GET / HTTP/1.1\r\nX: {0}\r\nHost: a\r\n\r\n", "request", 15000)]
    [TestCase("HTTP/1.1 200 {0}\r\nX: y\r\n\r\n", "response", 4000)]
    public void A_head_that_comes_byte_by_byte_is_looked_at_once(string pattern, string kind, int length)
    {
        byte[] head = Encoding.ASCII.GetBytes(pattern.Replace("{0}", new string('x', length), StringComparison.Ordinal));
        var reading = new HeadReading(kind, "GET", HttpLimits.Default);
        for (int shown = 0; shown < head.Length; shown++)
        {
            Assert.That(reading.Read(head.AsSpan(0, shown)), Is.EqualTo(HeadReading.NeedMore));
            // What is looked at again is never more than a short piece of the grammar: a method, a version, a line's end.
            int known = Math.Max(reading.Scan.LineStart, reading.Scan.Checked);
            Assert.That(shown - known, Is.LessThan(HttpLimits.Default.MaxMethodBytes));
        }

        Assert.That(reading.Read(head), Does.StartWith("done"));
    }

    private delegate void WriteStart(ref HeadWriter writer);

    private static byte[] WriteFields(Faker faker, WriteStart start, out List<(string Name, byte[] Value)> fields)
    {
        byte[] room = new byte[HttpLimits.Default.MaxHeadBytes];
        var writer = new HeadWriter(room);
        start(ref writer);
        fields = [];
        int count = faker.Random.Number(0, HttpLimits.Default.MaxFields - 1);
        for (int i = 0; i < count; i++)
        {
            // A prefix keeps the names apart from those that have a meaning.
            string name = "X" + RandomInput.Token(faker, 30);
            byte[] value = RandomInput.FieldValue(faker);
            writer.Field(Encoding.ASCII.GetBytes(name), value);
            fields.Add((name, value));
        }

        writer.End();
        return room[..writer.Length];
    }

    private static void AssertFields(FieldList read, int from, List<(string Name, byte[] Value)> written, int seed)
    {
        Assert.That(read.Count, Is.EqualTo(from + written.Count), Seeds.Message(seed));
        for (int i = 0; i < written.Count; i++)
        {
            Assert.That(Encoding.ASCII.GetString(read.NameAt(from + i)), Is.EqualTo(written[i].Name), Seeds.Message(seed));
            Assert.That(read.ValueAt(from + i).ToArray(), Is.EqualTo(written[i].Value), Seeds.Message(seed));
        }
    }

    private static string ReadInPieces(string kind, HttpLimits limits, byte[] bytes, IEnumerable<int> cuts)
    {
        var reading = new HeadReading(kind, "GET", limits);
        string result = HeadReading.NeedMore;
        foreach (int cut in cuts)
        {
            result = reading.Read(bytes.AsSpan(0, cut));
            if (result != HeadReading.NeedMore)
                break;
        }

        return result;
    }
}
