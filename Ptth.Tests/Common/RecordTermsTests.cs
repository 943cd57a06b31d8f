using System.Text;
using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

/// <summary>What the proxies say to each other about records.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RecordTermsTests
{
    [TestCase("records", false, 0, false)]
    [TestCase("records=20", true, 20, false)]
    [TestCase("records=0", true, 0, false)]
    [TestCase("records=20, ends", true, 20, true)]
    [TestCase("ends,records", false, 0, true)]
    [TestCase("later=1, records=3600 ,other", true, 3600, false)]
    [TestCase("records-2, records=1, records=2", true, 1, false)]
    [TestCase("records=3601", false, 0, false)]
    [TestCase("records=+1", false, 0, false)]
    [TestCase("records=", false, 0, false)]
    [TestCase("records=00000001", false, 0, false)]
    [TestCase("records, endsx, Ends, ends=1", false, 0, false)]
    public void Words_that_are_not_known_are_passed_over(string said, bool areWanted, int seconds, bool markEnds) =>
        Assert.That(RecordTerms.Find(Encoding.ASCII.GetBytes(said)), Is.EqualTo(new RecordTerms(areWanted, seconds, markEnds)));

    [TestCase("Records")]
    [TestCase("recordsx")]
    [TestCase("ends")]
    [TestCase("")]
    [TestCase(",,")]
    public void Without_the_word_there_are_no_records(string said) => Assert.That(RecordTerms.Find(Encoding.ASCII.GetBytes(said)), Is.Null);

    [Test]
    public void What_is_said_is_understood([Values(0, 1, 20, RecordTerms.MaxSeconds)] int seconds, [Values] bool markEnds)
    {
        foreach (RecordTerms said in new[] { RecordTerms.Offer(seconds, markEnds), new RecordTerms(true, seconds, markEnds) })
            Assert.That(RecordTerms.Find(Encoding.ASCII.GetBytes(said.Describe())), Is.EqualTo(said));
    }

    [TestCase(0, false, "records, ends")]
    [TestCase(20, false, "records=20, ends")]
    [TestCase(0, true, "records=0, ends")]
    [TestCase(20, true, "records=20, ends")]
    public void A_client_offers_all_that_it_can_do(int seconds, bool markEnds, string said) =>
        Assert.That(RecordTerms.Offer(seconds, markEnds).Describe(), Is.EqualTo(said));

    [TestCase("records, ends", 0, false, null)]
    [TestCase("records, ends", 20, false, "records=20, ends")]
    [TestCase("records=20, ends", 0, false, "records=20, ends")]
    [TestCase("records=20, ends", 30, false, "records=20, ends")]
    [TestCase("records=30, ends", 20, true, "records=20, ends")]
    [TestCase("records=0, ends", 0, false, "records=0, ends")]
    [TestCase("records=0, ends", 20, false, "records=20, ends")]
    [TestCase("records, ends", 0, true, "records=0, ends")]
    public void Either_may_ask_and_the_shorter_time_counts(string offered, int seconds, bool markEnds, string? agreed) =>
        Assert.That(Agree(offered, seconds, markEnds), Is.EqualTo(agreed));

    [TestCase("", 20, true, null)]
    [TestCase("records", 0, false, null)]
    [TestCase("records", 0, true, null)]
    [TestCase("records=0", 0, true, null)]
    [TestCase("records", 20, true, "records=20")]
    [TestCase("records=20", 0, false, "records=20")]
    public void With_a_client_that_cannot_mark_ends_it_is_as_before(string offered, int seconds, bool markEnds, string? agreed) =>
        Assert.That(Agree(offered, seconds, markEnds), Is.EqualTo(agreed));

    private static string? Agree(string offered, int seconds, bool markEnds) =>
        RecordTerms.Agree(RecordTerms.Find(Encoding.ASCII.GetBytes(offered)), seconds, markEnds)?.Describe();
}
