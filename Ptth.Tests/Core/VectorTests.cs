using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>The vector files themselves: that they are read as they are meant, and that together they show every violation.</summary>
internal sealed class VectorTests
{
    [Test]
    public void A_vector_is_read_from_its_blocks()
    {
        const string Markdown = """
            # File

            ## First
            Words.
            ```response HEAD
            a\^b\r
            ```
            ```limits
            MaxFields = 3
            ```
            ```result
            done
            x
            ```

            ## Second
            ```chunks
            0
            ```
            ```result
            need more
            ```
            """;
        Vector[] vectors = [.. Vector.Parse(Markdown)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vectors.Select(vector => vector.Title), Is.EqualTo((string[])["First", "Second"]));
            Assert.That(vectors[0].Kind, Is.EqualTo("response"));
            Assert.That(vectors[0].Argument, Is.EqualTo("HEAD"));
            Assert.That(vectors[0].Bytes, Is.EqualTo("ab\r"u8.ToArray()));
            Assert.That(vectors[0].VerdictAt, Is.EqualTo(1));
            Assert.That(vectors[0].Limits, Is.EqualTo(HttpLimits.Default with { MaxFields = 3 }));
            Assert.That(vectors[0].Result, Is.EqualTo("done\nx"));
            Assert.That(vectors[1].VerdictAt, Is.EqualTo(1));
            Assert.That(vectors[1].Limits, Is.SameAs(HttpLimits.Default));
        }
    }

    [TestCase("## A\n```request\nx\n```\n")]
    [TestCase("## A\n```result\nx\n```\n")]
    [TestCase("## A\n```request\nx\n")]
    [TestCase("## A\n```request\nx\n```\n```chunks\nx\n```\n```result\ndone\n```\n")]
    [TestCase("## A\n```request\nx\n```\n```limits\nMaxHops = 1\n```\n```result\ndone\n```\n")]
    public void A_malformed_vector_is_refused(string markdown)
        => Assert.That(() => Vector.Parse(markdown).ToList(), Throws.TypeOf<FormatException>().Or.TypeOf<InvalidOperationException>());

    [Test]
    public void Titles_are_unique() => Assert.That(Vector.All().Select(vector => vector.Title), Is.Unique);

    [Test]
    public void Every_violation_is_shown_by_a_vector()
    {
        IEnumerable<string> shown = Vector.All()
            .Select(vector => vector.Result.Split('\n')[^1].Split(' '))
            .Where(words => words[0] == "invalid")
            .Select(words => words[2])
            .Distinct();
        // What is not TLS where it should be is found before anything is parsed; records are inside a body, and no part of HTTP.
        string[] notParsed =
        [
            nameof(HttpViolation.None), nameof(HttpViolation.NotTls), nameof(HttpViolation.RecordTooLong), nameof(HttpViolation.RecordCutOff),
            nameof(HttpViolation.EndNotMarked), nameof(HttpViolation.RecordBehindEnd),
        ];
        Assert.That(shown, Is.EquivalentTo(Enum.GetNames<HttpViolation>().Except(notParsed)));
    }
}
