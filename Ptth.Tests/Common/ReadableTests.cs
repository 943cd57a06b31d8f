using NUnit.Framework;
using Ptth.Common.Text;

namespace Ptth.Tests.Common;

internal sealed class ReadableTests
{
    [TestCase(0, "0 B")]
    [TestCase(999, "999 B")]
    [TestCase(999.4, "999 B")]
    [TestCase(999.5, "1.0 kB")]
    [TestCase(1000, "1.0 kB")]
    [TestCase(9_940, "9.9 kB")]
    [TestCase(9_960, "10 kB")]
    [TestCase(999_499, "999 kB")]
    [TestCase(999_500, "1.0 MB")]
    [TestCase(12_345_678_901, "12 GB")]
    [TestCase(long.MaxValue, "9.2 EB")]
    public void Bytes(double bytes, string text)
    {
        Assert.That(Readable.Bytes(bytes), Is.EqualTo(text));
        Assert.That(Readable.Rate(bytes), Is.EqualTo(text + "/s"));
    }

    [TestCase(-1, "0 s")]
    [TestCase(0.9, "0 s")]
    [TestCase(59.9, "59 s")]
    [TestCase(60, "1 min")]
    [TestCase(3599, "59 min")]
    [TestCase(3600, "1 h")]
    [TestCase(172_799, "47 h")]
    [TestCase(172_800, "2 d")]
    public void Duration(double seconds, string text) => Assert.That(Readable.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [TestCase(0, "0 tunnels")]
    [TestCase(1, "1 tunnel")]
    [TestCase(2, "2 tunnels")]
    public void Count(long number, string text) => Assert.That(Readable.Count(number, "tunnel"), Is.EqualTo(text));
}
