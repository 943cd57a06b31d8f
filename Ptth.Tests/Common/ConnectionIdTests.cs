using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

internal sealed class ConnectionIdTests
{
    [Test]
    public void A_new_ID_has_22_characters_and_parses_to_itself()
    {
        for (int i = 0; i < 1000; i++)
        {
            ConnectionId id = ConnectionId.New();
            Assert.That(id.ToString(), Does.Match("^[A-Za-z0-9_-]{22}$"));
            Assert.That(ConnectionId.TryParse(id.ToString(), out ConnectionId parsed), Is.True);
            Assert.That(parsed, Is.EqualTo(id));
            Assert.That(parsed.GetHashCode(), Is.EqualTo(id.GetHashCode()));
        }
    }

    [Test]
    public void New_IDs_differ()
    {
        HashSet<ConnectionId> ids = [];
        for (int i = 0; i < 1000; i++) Assert.That(ids.Add(ConnectionId.New()), Is.True);
    }

    [TestCase("AAAAAAAAAAAAAAAAAAAAAA", true)]
    [TestCase("_____________________w", true)]
    [TestCase("", false)]
    [TestCase("AAAAAAAAAAAAAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAB", false)]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAI", false)]
    [TestCase("______________________", false)]
    [TestCase("AAAAAAAAAAAAAAAAAAAA==", false)]
    [TestCase("AAAAAAAAAAA AAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAA+AAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAA/AAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAA\0AAAAAAAAAA", false)]
    [TestCase("AAAAAAAAAAAÄAAAAAAAAAA", false)]
    public void Only_the_one_spelling_is_an_ID(string text, bool valid)
    {
        Assert.That(ConnectionId.TryParse(text, out ConnectionId id), Is.EqualTo(valid));
        if (valid) Assert.That(id.ToString(), Is.EqualTo(text));
        else Assert.That(id, Is.EqualTo(default(ConnectionId)));
    }

    [Test]
    public void Of_all_last_characters_one_in_sixteen_is_canonical()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        IEnumerable<char> valid = alphabet.Where(last => ConnectionId.TryParse(new string('A', 21) + last, out _));
        Assert.That(string.Concat(valid), Is.EqualTo("AQgw"));
    }

    [Test]
    public void Case_matters()
    {
        Assert.That(ConnectionId.TryParse("aAAAAAAAAAAAAAAAAAAAAA", out ConnectionId lower), Is.True);
        Assert.That(ConnectionId.TryParse("AAAAAAAAAAAAAAAAAAAAAA", out ConnectionId upper), Is.True);
        Assert.That(lower == upper, Is.False);
        Assert.That(lower != upper, Is.True);
        Assert.That(lower.Equals((object)upper), Is.False);
    }
}
