using System.Text;
using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

/// <summary>What the proxies say to each other about records.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RecordTermsTests
{
    [TestCase("records", 0)]
    [TestCase("records=20", 20)]
    [TestCase("later=1, records=3600 ,other", 3600)]
    [TestCase("records-2, records=1", 1)]
    [TestCase("records=3601", 0)]
    [TestCase("records=+1", 0)]
    [TestCase("records=", 0)]
    [TestCase("records=00000001", 0)]
    [TestCase("Records", null)]
    [TestCase("recordsx", null)]
    [TestCase("", null)]
    [TestCase(",,", null)]
    public void Words_that_are_not_known_are_passed_over(string said, int? seconds) =>
        Assert.That(RecordTerms.Find(Encoding.ASCII.GetBytes(said)), Is.EqualTo(seconds));

    [Test]
    public void What_is_said_is_understood([Values(0, 1, 20, RecordTerms.MaxSeconds)] int seconds) =>
        Assert.That(RecordTerms.Find(Encoding.ASCII.GetBytes(RecordTerms.Describe(seconds))), Is.EqualTo(seconds));

    [TestCase(null, 20, null)]
    [TestCase(0, 0, null)]
    [TestCase(0, 20, 20)]
    [TestCase(20, 0, 20)]
    [TestCase(20, 30, 20)]
    [TestCase(30, 20, 20)]
    public void Either_may_ask_and_the_shorter_time_counts(int? offered, int own, int? agreed) =>
        Assert.That(RecordTerms.Agree(offered, own), Is.EqualTo(agreed));
}
