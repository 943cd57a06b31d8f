using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

/// <summary>When memory is given back; perf/soak.sh sees that it is.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HeapTrimmerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly HeapTrimmer _trimmer;
    private long _allocated = 1_000_000_000;
    private int _collections;

    public HeapTrimmerTests() => _trimmer = new HeapTrimmer(_time, () => _allocated, () => _collections++);

    public void Dispose() => _trimmer.Dispose();

    [Test]
    public void After_a_busy_time_it_collects_once()
    {
        for (int i = 0; i < 10; i++) Pass(HeapTrimmer.QuietBytes + 1);
        Assert.That(_collections, Is.Zero, "while busy");

        Pass(0);
        Assert.That(_collections, Is.Zero, "what has just ended may still be remembered");
        for (int i = 0; i < 10; i++) Pass(0);

        Assert.That(_collections, Is.EqualTo(1));
    }

    [TestCase(HeapTrimmer.WorthwhileBytes - 1, 0)]
    [TestCase(HeapTrimmer.WorthwhileBytes, 1)]
    public void Little_garbage_is_left_to_the_collector(long bytes, int collections)
    {
        Pass(bytes);
        Pass(0);
        Pass(0);

        Assert.That(_collections, Is.EqualTo(collections));
    }

    [Test]
    public void A_little_work_all_the_time_is_quiet_enough()
    {
        for (int i = 0; i < 8; i++) Pass(HeapTrimmer.QuietBytes);

        Assert.That(_collections, Is.EqualTo(8 * HeapTrimmer.QuietBytes / HeapTrimmer.WorthwhileBytes));
    }

    [Test]
    public void It_looks_no_more_once_it_is_disposed()
    {
        _trimmer.Dispose();
        Pass(HeapTrimmer.WorthwhileBytes);
        Pass(0);
        Pass(0);

        Assert.That(_collections, Is.Zero);
    }

    private void Pass(long bytes)
    {
        _allocated += bytes;
        _time.Advance(HeapTrimmer.Period);
    }
}
