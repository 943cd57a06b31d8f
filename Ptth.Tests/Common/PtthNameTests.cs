using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

internal sealed class PtthNameTests
{
    [TestCase("a")]
    [TestCase("0")]
    [TestCase("home")]
    [TestCase("a.b_c-D9")]
    [TestCase("a-")]
    public void Names(string text)
    {
        Assert.That(PtthName.IsValid(text), Is.True);
        Assert.That(PtthName.TryParse(text, out string? name), Is.True);
        Assert.That(name, Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase(".a")]
    [TestCase("_a")]
    [TestCase("-a")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("a%41")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Description = "a key in the place of a name, which would be logged")]
    [TestCase("a\0")]
    [TestCase("a\n")]
    [TestCase("ä")]
    [TestCase("٣")]
    [TestCase("\u212A")]
    [TestCase("*")]
    public void Not_names(string text)
    {
        Assert.That(PtthName.IsValid(text), Is.False);
        Assert.That(PtthName.TryParse(text, out string? name), Is.False);
        Assert.That(name, Is.Null);
    }

    [Test]
    public void A_name_has_at_most_64_characters()
    {
        Assert.That(PtthName.IsValid(new string('a', 64)), Is.True);
        Assert.That(PtthName.IsValid(new string('a', 65)), Is.False);
    }
}
