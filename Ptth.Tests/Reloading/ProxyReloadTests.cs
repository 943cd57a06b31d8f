using NUnit.Framework;
using Ptth.Common.Toml;
using Ptth.Proxy.Tunnels;
using Ptth.Tests.Support;

namespace Ptth.Tests.Reloading;

/// <summary>Parts of the proxies that change while they run; the rest is tested with real signals.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProxyReloadTests : InProcessTest
{
    [Test]
    public void A_lower_bound_of_tunnels_counts_once_enough_have_left()
    {
        TunnelSet set = Own(new TunnelSet(3));
        for (int i = 0; i < 3; i++) Assert.That(set.TryEnter(), Is.True);
        set.Resize(1);
        set.Leave();
        Assert.That(set.TryEnter(), Is.False);
        set.Leave();
        Assert.That(set.TryEnter(), Is.False);
        set.Leave();
        Assert.That((set.TryEnter(), set.TryEnter()), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_higher_bound_of_tunnels_counts_at_once_also_after_a_lower_one()
    {
        TunnelSet set = Own(new TunnelSet(2));
        Assert.That((set.TryEnter(), set.TryEnter(), set.TryEnter()), Is.EqualTo((true, true, false)));
        set.Resize(1);
        set.Resize(4);
        Assert.That((set.TryEnter(), set.TryEnter(), set.TryEnter()), Is.EqualTo((true, true, false)));
    }

    [TestCase("plain", "\"plain\"")]
    [TestCase("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [TestCase("line\nend\u001b[2J\u202e", "\"line\\u000Aend\\u001B[2J\\u202E\"")]
    public void Values_of_a_file_are_shown_without_what_moves_a_terminal(string value, string shown) =>
        Assert.That(new TomlText(value, 1).Shown, Is.EqualTo(shown));

    [Test]
    public void A_long_value_is_shown_in_part() =>
        Assert.That(new TomlText(new string('x', 65), 1).Shown, Is.EqualTo($"\"{new string('x', 64)}…\""));
}
