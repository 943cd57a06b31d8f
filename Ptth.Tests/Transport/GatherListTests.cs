using NUnit.Framework;
using Ptth.Http.Transport;

namespace Ptth.Tests.Transport;

/// <summary>The segments of one send.</summary>
internal sealed class GatherListTests
{
    [Test]
    public void Neighbours_become_one_segment()
    {
        using var list = new GatherList();
        byte[] array = new byte[10];
        list.Add(array, 0, 3);
        list.Add(array, 3, 2);
        list.Add(array, 6, 1);
        list.Add(new byte[10], 7, 1);

        Assert.That(list.Count, Is.EqualTo(3));
        Assert.That((list[0].Offset, list[0].Count), Is.EqualTo((0, 5)));
    }

    [Test]
    public void It_holds_its_bound_and_not_one_more()
    {
        using var list = new GatherList();
        byte[] array = new byte[100];
        for (int i = 0; i < GatherList.MaxSegments; i++) list.Add(array, 2 * i, 1);

        Assert.That(list.Count, Is.EqualTo(GatherList.MaxSegments));
        Assert.That(() => list.Add(array, 50, 1), Throws.InvalidOperationException);
        Assert.That(() => list.Add(array, 15, 1), Throws.Nothing, "a neighbour needs no segment");
        list.Clear();
        Assert.That(list.Count, Is.Zero);
    }
}
