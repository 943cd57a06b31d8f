using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>A connection that waits tells when its peer goes away; one that rests tells whether it is still of use.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ConnectionWatchTests : InProcessTest
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    private readonly RequestHeadSink _sink = new(HttpLimits.Default, owner: null);
    private Connection _connection = null!;
    private InProcessPeer _peer = null!;

    /// <summary>A connection behind a request without a body, and one whose body was read past the pipe.</summary>
    private static readonly string[] Before = [Get, Post];

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task The_peers_end_is_seen(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();
        Assert.That(watch.IsCompleted, Is.False);

        _peer.SendFin();

        Assert.That(await watch.ComesAsync(token), Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wait_that_ended_for_nothing_ends_neither_a_watch_nor_the_reading_of_a_head([Values] bool isWatch, CancellationToken token)
    {
        using var channel = new InProcessChannel { WrongWaits = 2 };
        using var connection = new Connection(channel);

        Task<bool> ended = isWatch ? connection.WatchForCloseAsync() : Task.Run(async () => await connection.ReadHeadAsync(_sink) == HeadOutcome.Broken, token);
        await InProcessWait.UntilAsync(() => channel.WrongWaits == 0, "both waits ended", token);

        Assert.That((ended.IsCompleted, channel.Receives), Is.EqualTo((false, 0)));
        channel.Abort();
        Assert.That(await ended.ComesAsync(token), Is.True);
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task The_peers_reset_is_seen(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();

        _peer.Reset();

        Assert.That(await watch.ComesAsync(token), Is.True);
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task A_pipelined_request_ends_the_watch_and_is_not_lost(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();

        await _peer.SendAsync(Get, token);

        Assert.That(await watch.ComesAsync(token), Is.False);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_request_that_came_with_the_body_ends_the_watch_at_once(CancellationToken token)
    {
        await OpenAsync(Post + Get, token);

        Assert.That(await _connection.WatchForCloseAsync().ComesAsync(token), Is.False);
        Assert.That(_connection.IsStale(), Is.True);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task A_watch_that_is_stopped_leaves_the_connection_as_it_was(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();
        _connection.StopWatch();

        Assert.That(await watch.ComesAsync(token), Is.False);
        await _peer.SendAsync(Get, token);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task A_watch_may_be_stopped_just_before_it_begins(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        _connection.StopWatch();

        Assert.That(await _connection.WatchForCloseAsync().ComesAsync(token), Is.False);
        await _peer.SendAsync(Get, token);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task A_stop_that_comes_too_late_does_no_harm(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();
        await _peer.SendAsync(Get[..5], token);
        Assert.That(await watch.ComesAsync(token), Is.False);

        _connection.StopWatch();
        Task<HeadOutcome> reading = ReadAsync();
        await _peer.SendAsync(Get[5..], token);

        Assert.That(await reading, Is.EqualTo(HeadOutcome.Read));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Watch_stop_and_the_peer_race(CancellationToken token)
    {
        await OpenAsync(Get, token);
        for (int round = 0; round < 500; round++)
        {
            bool sends = Random.Bool();
            if (Random.Bool())
            {
                await _peer.SendAsync(Post, token);
                Assert.That(await ReadWithBodyAsync(), Is.EqualTo(HeadOutcome.Read));
            }

            Task<bool> watch = _connection.WatchForCloseAsync();
            Task sending = sends ? Task.Run(() => _peer.SendAsync(Get, token), token) : Task.CompletedTask;
            int spins = Random.Number(0, 2_000);
            Task stopping = Task.Run(
                () =>
                {
                    Thread.SpinWait(spins);
                    _connection.StopWatch();
                },
                token);
            await Task.WhenAll(sending, stopping);
            Assert.That(await watch.ComesAsync(token), Is.False, $"round {round}");
            if (!sends) await _peer.SendAsync(Get, token);
            Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read), $"round {round}");
        }
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task An_idle_connection_is_not_stale(string before, CancellationToken token)
    {
        await OpenAsync(before, token);

        Assert.That(_connection.IsStale(), Is.False);
        Assert.That(_connection.IsStale(), Is.False, "asked again");
        await _peer.SendAsync(Get, token);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Stale_is_seen_at_once_behind_a_body([Values("fin", "reset", "bytes")] string what, CancellationToken token)
    {
        await OpenAsync(Post, token);
        await DoAsync(what, token);

        Assert.That(_connection.IsStale(), Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Stale_is_seen_while_the_receive_loop_runs([Values("fin", "reset", "bytes")] string what, CancellationToken token)
    {
        await OpenAsync(Get, token);
        Assert.That(_connection.IsStale(), Is.False);
        await DoAsync(what, token);

        await InProcessWait.UntilAsync(_connection.IsStale, "stale", token);
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task Disposing_ends_the_connection_cleanly(string before, CancellationToken token)
    {
        await OpenAsync(before, token);

        _connection.Dispose();

        Assert.That(await _peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task Disposing_after_a_watch_that_was_stopped_loses_nothing(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();
        _connection.StopWatch();
        Assert.That(await watch.ComesAsync(token), Is.False);
        await _connection.Channel.SendAsync("answer"u8.ToArray());

        _connection.Dispose();

        Assert.That(await _peer.ReadToEndAsync(token), Is.EqualTo(("answer", PeerEnd.Fin)));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task Aborting_breaks_the_connection_off_and_ends_what_waits(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task<bool> watch = _connection.WatchForCloseAsync();

        _connection.Abort();

        Assert.That(await _peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await watch.ComesAsync(token), Is.True);
        Assert.That(await ReadAsync(), Is.EqualTo(HeadOutcome.Broken));
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task Discarding_ends_with_the_peers_end(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task discarding = _connection.DiscardAsync(100_000).AsTask();
        await _peer.SendAsync(new byte[60_000], token);
        Assert.That(discarding.IsCompleted, Is.False);
        _peer.SendFin();

        await discarding.ComesAsync(token);
        Assert.That(discarding.IsCompletedSuccessfully, Is.True);
    }

    [TestCaseSource(nameof(Before))]
    [CancelAfter(30_000)]
    public async Task Discarding_ends_at_its_bound(string before, CancellationToken token)
    {
        await OpenAsync(before, token);
        Task discarding = _connection.DiscardAsync(1_000).AsTask();
        await _peer.SendAsync(new byte[999], token);
        Assert.That(discarding.IsCompleted, Is.False);
        await _peer.SendAsync(new byte[1], token);

        await discarding.ComesAsync(token);
        Assert.That(discarding.IsCompletedSuccessfully, Is.True);
    }

    /// <summary>Opens a connection that has read what <paramref name="before"/> begins with, its body included.</summary>
    private async Task OpenAsync(string before, CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect();
        _connection = Own(new Connection(new SocketChannel(pair.Ours)));
        _peer = Own(new InProcessPeer(pair.Peers));
        await _peer.SendAsync(before, token);
        Assert.That(await ReadWithBodyAsync(), Is.EqualTo(HeadOutcome.Read));
    }

    private async Task DoAsync(string what, CancellationToken token)
    {
        if (what == "fin") _peer.SendFin();
        else if (what == "reset") _peer.Reset();
        else await _peer.SendAsync("x", token);
    }

    private async Task<HeadOutcome> ReadWithBodyAsync()
    {
        HeadOutcome outcome = await ReadAsync();
        if (outcome == HeadOutcome.Read)
            await BodyReader.ReadAsync(BodySource.For(_connection, _sink.Head!.Framing, HttpLimits.Default), collected: null, 100);
        return outcome;
    }

    private async Task<HeadOutcome> ReadAsync()
    {
        _sink.Reset();
        HeadOutcome outcome = await _connection.ReadHeadAsync(_sink);
        await Task.Yield();
        return outcome;
    }
}
