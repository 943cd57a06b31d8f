using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class HttpLimitsTests
{
    [Test]
    public void A_value_out_of_range_is_refused_with_its_name_and_range()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => HttpLimits.Default with { MaxHeadBytes = 65_536 },
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("MaxHeadBytes must be 64 to 65535."));
            Assert.That(() => HttpLimits.Default with { MaxHeadBytes = 63 }, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => HttpLimits.Default with { MaxFields = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => HttpLimits.Default with { MaxDrainBytes = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => HttpLimits.Default with { MaxInterimResponses = int.MaxValue }, Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void The_ends_of_a_range_are_taken()
    {
        HttpLimits limits = HttpLimits.Default with { MaxHeadBytes = 65_535, MaxLeadingEmptyLines = 0 };
        Assert.That((limits.MaxHeadBytes, limits.MaxLeadingEmptyLines), Is.EqualTo((65_535, 0)));
        Assert.That(limits.MaxFields, Is.EqualTo(HttpLimits.Default.MaxFields));
    }

    [Test]
    public void Every_default_can_be_set()
    {
        // The initial values go past the checks; setting each one to itself goes through them.
        foreach (System.Reflection.PropertyInfo property in typeof(HttpLimits).GetProperties().Where(property => property.CanWrite))
        {
            object? value = property.GetValue(HttpLimits.Default);
            Assert.That(() => property.SetValue(HttpLimits.Default with { }, value), Throws.Nothing, property.Name);
        }
    }

    [Test]
    public void A_head_of_the_largest_size_that_can_be_set_is_kept_right()
    {
        HttpLimits limits = HttpLimits.Default with { MaxHeadBytes = 65_535 };
        string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        string end = "\r\nLast: z\r\n\r\n";
        string value = new('x', 65_535 - start.Length - end.Length);
        HeadScan scan = default;
        ParseStatus status = RequestHead.TryRead(System.Text.Encoding.ASCII.GetBytes(start + value + end), limits, ref scan,
            out RequestHead? head, out int consumed, out _);
        Assert.That((status, consumed), Is.EqualTo((ParseStatus.Done, 65_535)));
        Assert.That(head!.Fields.ValueAt(1).Length, Is.EqualTo(value.Length));
        Assert.That(head.Fields.ValueAt(2).ToArray(), Is.EqualTo("z"u8.ToArray()));
    }
}
