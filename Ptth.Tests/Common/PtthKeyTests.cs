using System.Text;
using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

internal sealed class PtthKeyTests
{
    private const string Zeros = "ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    // printf %s KEY | sha256sum
    private const string HashOfZeros = "sha256:899516e5985f2db51e4812632df256828daa95bedf4e71b38a1bcc2319850147";

    [Test]
    public void A_new_key_has_the_form_of_a_key_and_is_new()
    {
        PtthKey first = PtthKey.Generate(), second = PtthKey.Generate();
        Assert.That(first.Reveal(), Does.Match("^ptth_[A-Za-z0-9_-]{43}$"));
        Assert.That(first.Reveal(), Has.Length.EqualTo(PtthKey.Length));
        Assert.That(first.Reveal(), Is.Not.EqualTo(second.Reveal()));
    }

    [Test]
    public void A_new_key_parses_to_itself()
    {
        PtthKey key = PtthKey.Generate();
        Assert.That(PtthKey.TryParse(key.Reveal(), out PtthKey? parsed), Is.True);
        Assert.That(parsed!.Reveal(), Is.EqualTo(key.Reveal()));
        Assert.That(parsed.Hash(), Is.EqualTo(key.Hash()));
    }

    [Test]
    public void A_key_does_not_print_itself()
    {
        PtthKey key = PtthKey.Generate();
        Assert.That(key.ToString(), Is.EqualTo("ptth_…"));
        Assert.That($"{key}", Does.Not.Contain(key.Reveal()[5..]));
    }

    [TestCase("")]
    [TestCase("ptth_")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("PTTH_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [TestCase(" ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    // The last character carries four bits: a spelling with others would be the same key again.
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD")]
    public void Not_keys(string text)
    {
        Assert.That(PtthKey.TryParse(text, out PtthKey? key), Is.False);
        Assert.That(key, Is.Null);
    }

    [Test]
    public void The_hash_is_SHA_256_over_the_whole_text()
    {
        Assert.That(PtthKey.TryParse(Zeros, out PtthKey? key), Is.True);
        Assert.That(key!.Hash().ToString(), Is.EqualTo(HashOfZeros));
        Assert.That(KeyHash.OfKeyText(Encoding.ASCII.GetBytes(Zeros)).ToString(), Is.EqualTo(HashOfZeros));
    }

    [Test]
    public void A_hash_parses_in_either_case_and_prints_lower_case()
    {
        string upper = "sha256:" + HashOfZeros["sha256:".Length..].ToUpperInvariant();
        Assert.That(KeyHash.TryParse(HashOfZeros, out KeyHash lower), Is.True);
        Assert.That(KeyHash.TryParse(upper, out KeyHash same), Is.True);
        Assert.That(same, Is.EqualTo(lower));
        Assert.That(same.ToString(), Is.EqualTo(HashOfZeros));
    }

    [Test]
    public void Not_hashes()
    {
        string[] texts =
        [
            "", "sha256:", HashOfZeros[..^1], HashOfZeros + "0", HashOfZeros[7..], "SHA256:" + HashOfZeros[7..], "sha512:" + HashOfZeros[7..],
            HashOfZeros[..^1] + "g", HashOfZeros[..^1] + " ", " " + HashOfZeros[..^1], HashOfZeros[..7] + "+" + HashOfZeros[8..],
        ];
        foreach (string text in texts) Assert.That(KeyHash.TryParse(text, out _), Is.False, text);
    }

    [Test]
    public void Hashes_are_equal_where_every_byte_is()
    {
        Assert.That(KeyHash.TryParse(HashOfZeros, out KeyHash hash), Is.True);
        for (int digit = 7; digit < HashOfZeros.Length; digit++)
        {
            char other = HashOfZeros[digit] == '0' ? '1' : '0';
            Assert.That(KeyHash.TryParse(HashOfZeros[..digit] + other + HashOfZeros[(digit + 1)..], out KeyHash different), Is.True);
            Assert.That(different == hash, Is.False);
            Assert.That(different != hash, Is.True);
            Assert.That(hash.Equals((object)different), Is.False);
        }
        Assert.That(hash.GetHashCode(), Is.EqualTo(PtthKey.TryParse(Zeros, out PtthKey? key) ? key.Hash().GetHashCode() : 0));
    }

    [TestCase("key ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA here", "key ptth_… here")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ptth_…")]
    [TestCase("xptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAts", "xptth_…")]
    [TestCase("ptth_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234_ ptth_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234-", "ptth_… ptth_…")]
    [TestCase("ptth_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "ptth_ABCDEFGHIJKLMNOPQRSTUVWXYZ01234")]
    [TestCase("/etc/ptth_relay.toml and ptth_", "/etc/ptth_relay.toml and ptth_")]
    [TestCase("/v1/connect/home/ptth%5FAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x", "/v1/connect/home/ptth%5F…/x")]
    [TestCase("ptthPTTH_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ptthPTTH_…")]
    [TestCase("", "")]
    public void Keys_are_left_out_of_texts(string text, string expected) => Assert.That(PtthKey.LeaveOut(text), Is.EqualTo(expected));

    [Test]
    public void Hashing_a_key_text_allocates_nothing()
    {
        byte[] text = Encoding.ASCII.GetBytes(Zeros);
        KeyHash.OfKeyText(text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) KeyHash.OfKeyText(text);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
