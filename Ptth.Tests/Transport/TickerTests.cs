using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Transport;

namespace Ptth.Tests.Transport;

/// <summary>One coarse timer for all deadlines.</summary>
internal sealed class TickerTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Each_item_is_asked_once_a_second()
    {
        using var ticker = new Ticker(_time);
        Item[] items = [new(), new(), new()];
        foreach (Item item in items) ticker.Add(item);

        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.That(items.Select(static item => item.Ticks.Count), Is.All.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(items.Select(static item => item.Ticks.Count), Is.All.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(items.Select(static item => item.Ticks.Count), Is.All.EqualTo(10));
    }

    [Test]
    public void An_item_that_was_removed_is_not_asked()
    {
        using var ticker = new Ticker(_time);
        Item stays = new(), goes = new();
        ticker.Add(stays);
        ticker.Add(goes);
        ticker.Remove(goes);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((stays.Ticks.Count, goes.Ticks.Count, ticker.Count), Is.EqualTo((1, 0, 1)));
    }

    [Test]
    public void Items_may_come_and_go_within_a_tick()
    {
        using var ticker = new Ticker(_time);
        var late = new Item();
        var swaps = new Item();
        swaps.OnTicked = () =>
        {
            ticker.Remove(swaps);
            ticker.Add(late);
        };
        ticker.Add(swaps);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.That((swaps.Ticks.Count, late.Ticks.Count, ticker.Count), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void Many_items_may_become_few_and_many_again()
    {
        using var ticker = new Ticker(_time);
        Item[] items = [.. Enumerable.Range(0, 1_000).Select(static _ => new Item())];
        foreach (Item item in items) ticker.Add(item);
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (Item item in items.Skip(1)) ticker.Remove(item);
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (Item item in items.Skip(1)) ticker.Add(item);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(items[0].Ticks, Has.Count.EqualTo(3));
        Assert.That(items.Skip(1).Select(static item => item.Ticks.Count), Is.All.EqualTo(2));
    }

    [Test]
    public void A_tick_that_comes_while_one_is_under_way_is_left_out()
    {
        using var ticker = new Ticker(_time);
        var item = new Item();
        item.OnTicked = () =>
        {
            if (item.Ticks.Count == 1) _time.Advance(TimeSpan.FromSeconds(1));
        };
        ticker.Add(item);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(item.Ticks, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(item.Ticks, Has.Count.EqualTo(2));
    }

    [Test]
    public void Deadlines_are_in_the_time_that_items_are_told()
    {
        using var ticker = new Ticker(_time);
        var item = new Item();
        ticker.Add(item);
        long deadline = ticker.DeadlineIn(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(item.Ticks.Single(), Is.EqualTo(deadline));
        Assert.That(ticker.NowMilliseconds, Is.EqualTo(deadline));
        Assert.That(ticker.DeadlineIn(Timeout.InfiniteTimeSpan), Is.EqualTo(Ticker.Never));
    }

    [Test]
    public void A_disposed_ticker_ticks_no_more()
    {
        var ticker = new Ticker(_time);
        var item = new Item();
        ticker.Add(item);
        ticker.Dispose();
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(item.Ticks, Is.Empty);
    }

    private sealed class Item : ITicked
    {
        public List<long> Ticks { get; } = [];

        public Action OnTicked { get; set; } = static () => { };

        public void OnTick(long nowMilliseconds)
        {
            Ticks.Add(nowMilliseconds);
            OnTicked();
        }
    }
}
