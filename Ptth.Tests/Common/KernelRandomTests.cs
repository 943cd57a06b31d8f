using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

internal sealed class KernelRandomTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(16)]
    [TestCase(1000)]
    public void It_fills_every_byte_each_time_anew(int length)
    {
        byte[] met = new byte[length], last = new byte[length], bytes = new byte[length];
        for (int i = 0; i < 20; i++)
        {
            KernelRandom.Fill(bytes);
            if (length >= 16) Assert.That(bytes, Is.Not.EqualTo(last));
            for (int at = 0; at < length; at++) met[at] |= bytes[at];
            bytes.CopyTo(last, 0);
        }

        // A byte that is random stays zero in all 20 once in 2^160.
        Assert.That(met, Has.None.Zero);
    }
}
