using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>The scans against the grammar's own words, for every byte at every place of inputs around the width of a step.</summary>
internal sealed class ByteScanTests
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    [Test]
    public void Tokens_end_at_what_is_no_tchar()
        => AssertEnds(HttpBytes.TokenEnd, value => (Alphanumeric + "!#$%&'*+-.^_`|~").Contains((char)value, StringComparison.Ordinal));

    [Test]
    public void Text_ends_at_control_bytes_but_tab()
        => AssertEnds(ByteScan.TextEnd, value => value == '\t' || (value >= 0x20 && value != 0x7f));

    [Test]
    public void Targets_end_at_what_is_in_no_URI_and_at_escapes_that_are_none()
        => AssertEnds(HttpBytes.TargetEnd, value => (Alphanumeric + "-._~:/?[]@!$&'()*+,;=").Contains((char)value, StringComparison.Ordinal));

    [Test]
    public void A_single_byte_is_judged_like_one_of_many()
    {
        for (int value = 0; value < 256; value++)
        {
            byte[] input = [(byte)value];
            Assert.That(HttpBytes.IsTokenByte((byte)value), Is.EqualTo(HttpBytes.TokenEnd(input, 0) == 1), $"{value}");
            Assert.That(HttpBytes.IsControl((byte)value), Is.EqualTo(ByteScan.TextEnd(input, 0) == 0), $"{value}");
        }
    }

    [TestCase("/%41%7e", 7)]
    [TestCase("/%4g", 1)]
    [TestCase("/%g4", 1)]
    [TestCase("/%4", 1)]
    [TestCase("/%", 1)]
    [TestCase("/%41%", 4)]
    [TestCase("/aaaaaaaaaaaaaaaaaaaa%20aaaaaaaaaaaaaaaaaaaaaaaaaa%zz", 50)]
    public void Escapes_in_targets(string target, int end)
        => Assert.That(HttpBytes.TargetEnd(System.Text.Encoding.ASCII.GetBytes(target), 0), Is.EqualTo(end));

    private delegate int Scan(ReadOnlySpan<byte> input, int from);

    private static void AssertEnds(Scan scan, Func<byte, bool> isMember)
    {
        foreach (int length in (int[])[1, 7, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 100])
        {
            byte[] input = new byte[length];
            Array.Fill(input, (byte)'x');
            for (int from = 0; from <= length; from++)
                Assert.That(scan(input, from), Is.EqualTo(length), $"{length} bytes from {from}");

            for (int at = 0; at < length; at++)
            {
                for (int value = 0; value < 256; value++)
                {
                    input[at] = (byte)value;
                    int end = isMember((byte)value) ? length : at;
                    bool right = scan(input, 0) == end && scan(input, Math.Max(0, at - 1)) == end && scan(input, at) == end;
                    if (!right || scan(input, at + 1) != length)
                        Assert.Fail($"byte {value} at {at} of {length}");
                }

                input[at] = (byte)'x';
            }
        }
    }
}
