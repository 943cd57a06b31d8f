using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Listens and connects find each other, in any order, and leave nothing behind.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RendezvousTests : InProcessTest
{
    private const int MaxListens = 3;
    private const int MaxConnects = 2;

    private static readonly PortAddress Ssh = new("home", "ssh");
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryRendezvous _rendezvous;

    public RendezvousTests() => _rendezvous = New();

    [TearDown]
    public void NothingIsLeft()
    {
        // Whoever a test left waiting goes at the end of its time.
        _time.Advance(Wait);
        Assert.That(_rendezvous.Kept(), Is.Zero);
    }

    [Test]
    public void A_connect_finds_the_listen_that_waits()
    {
        Task<ListenResult> listen = Listen();
        Offer offer = NewOffer();
        Task<RendezvousOutcome> connect = Connect(offer);

        Assert.That((connect.Result, listen.Result), Is.EqualTo((RendezvousOutcome.Matched, new ListenResult(RendezvousOutcome.Matched, offer))));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void A_listen_finds_the_connect_that_waits()
    {
        Offer offer = NewOffer();
        Task<RendezvousOutcome> connect = Connect(offer);
        Task<ListenResult> listen = Listen();

        Assert.That((connect.Result, listen.Result), Is.EqualTo((RendezvousOutcome.Matched, new ListenResult(RendezvousOutcome.Matched, offer))));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void The_oldest_listen_is_served_first()
    {
        Task<ListenResult>[] listens = [Listen(), Listen(), Listen()];
        foreach (Task<ListenResult> oldest in listens)
        {
            Assert.That(oldest.IsCompleted, Is.False);
            Offer offer = NewOffer();
            Connect(offer);
            Assert.That(oldest.Result.Offer, Is.EqualTo(offer));
            _rendezvous.Withdraw(offer);
        }
    }

    [Test]
    public void The_oldest_connect_is_taken_first()
    {
        Offer[] offers = [NewOffer(client: "a"), NewOffer(client: "b"), NewOffer(client: "a")];
        foreach (Offer offer in offers) Connect(offer);
        foreach (Offer oldest in offers)
        {
            Assert.That(Listen().Result.Offer, Is.EqualTo(oldest));
            _rendezvous.Withdraw(oldest);
        }
    }

    [Test]
    public void Ports_and_servers_are_apart()
    {
        Listen(new PortAddress("home", "http"));
        Listen(new PortAddress("office", "ssh"));
        Task<RendezvousOutcome> connect = Connect(NewOffer());

        Assert.That((connect.IsCompleted, _rendezvous.WaitingListens(), _rendezvous.WaitingOffers()), Is.EqualTo((false, 2, 1)));
    }

    [Test]
    public void A_connect_that_does_not_wait_asks_only_who_listens_already()
    {
        Assert.That(Connect(NewOffer(), TimeSpan.Zero).Result, Is.EqualTo(RendezvousOutcome.Nobody));
        Listen();
        Offer offer = NewOffer();
        Assert.That(Connect(offer, TimeSpan.Zero).Result, Is.EqualTo(RendezvousOutcome.Matched));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void A_wait_ends_at_its_time([Values] bool listens)
    {
        Task waiting = listens ? Listen() : Connect(NewOffer());
        _time.Advance(Wait - TimeSpan.FromMilliseconds(1));
        Assert.That(waiting.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(OutcomeOf(waiting), Is.EqualTo(RendezvousOutcome.Nobody));
        Assert.That(_rendezvous.Kept(), Is.Zero);
    }

    [Test]
    public async Task A_party_that_goes_away_is_forgotten([Values] bool listens, [Values] bool before)
    {
        using var gone = new CancellationTokenSource();
        if (before) await gone.CancelAsync();
        Task waiting = listens ? Listen(gone: gone.Token) : Connect(NewOffer(), gone: gone.Token);
        await gone.CancelAsync();

        Assert.That(OutcomeOf(waiting), Is.EqualTo(RendezvousOutcome.Cancelled));
        Assert.That(_rendezvous.Kept(), Is.Zero);
    }

    [Test]
    public async Task Who_was_matched_is_not_cancelled()
    {
        using var gone = new CancellationTokenSource();
        Task<ListenResult> listen = Listen(gone: gone.Token);
        Offer offer = NewOffer();
        Task<RendezvousOutcome> connect = Connect(offer, gone: gone.Token);
        await gone.CancelAsync();
        _time.Advance(Wait);

        Assert.That((listen.Result.Outcome, connect.Result), Is.EqualTo((RendezvousOutcome.Matched, RendezvousOutcome.Matched)));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void A_returned_offer_goes_to_the_next_listen([Values] bool waiting)
    {
        Offer offer = NewOffer();
        Connect(offer);
        Listen();
        Task<ListenResult>? next = waiting ? Listen() : null;

        _rendezvous.Return(offer);

        Assert.That((next ?? Listen()).Result.Offer, Is.EqualTo(offer));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void A_returned_offer_keeps_its_place_and_is_not_turned_away()
    {
        Offer first = NewOffer();
        Connect(first);
        Listen();
        Offer[] others = [NewOffer(), NewOffer()];
        foreach (Offer other in others) Connect(other);
        Assert.That(_rendezvous.WaitingOffers(), Is.EqualTo(MaxConnects));

        _rendezvous.Return(first);

        foreach (Offer expected in new[] { first, others[0], others[1] })
        {
            Assert.That(Listen().Result.Offer, Is.EqualTo(expected));
            _rendezvous.Withdraw(expected);
        }
    }

    [Test]
    public void A_returned_offer_that_is_withdrawn_is_not_handed_out()
    {
        Offer offer = NewOffer();
        Connect(offer);
        Listen();
        _rendezvous.Return(offer);
        _rendezvous.Withdraw(offer);

        Assert.That(Listen().IsCompleted, Is.False);
    }

    [Test]
    public void A_withdrawn_offer_cannot_be_returned([Values] bool waiting)
    {
        Offer offer = NewOffer();
        Connect(offer);
        Listen();
        _rendezvous.Withdraw(offer);
        Task<ListenResult>? next = waiting ? Listen() : null;
        _rendezvous.Return(offer);

        Assert.That((next ?? Listen()).IsCompleted, Is.False);
    }

    [Test]
    public void Withdrawing_an_offer_leaves_others_alone()
    {
        Offer waiting = NewOffer();
        Connect(waiting);
        _rendezvous.Withdraw(NewOffer());

        Assert.That(Listen().Result.Offer, Is.EqualTo(waiting));
        _rendezvous.Withdraw(waiting);
    }

    [Test]
    public void Listens_of_a_server_are_bounded()
    {
        Task<ListenResult>[] listens = [.. Enumerable.Range(0, MaxListens).Select(i => Listen(new PortAddress("home", $"p{i}")))];
        Task<ListenResult> other = Listen(new PortAddress("office", "ssh"));
        foreach (Task<ListenResult> oldest in listens)
        {
            Assert.That(oldest.IsCompleted, Is.False);
            Task<ListenResult> newcomer = Listen();
            Assert.That(oldest.Result, Is.EqualTo(new ListenResult(RendezvousOutcome.TooMany, null)), "it may be one that nobody knows of any more");
            Assert.That((newcomer.IsCompleted, _rendezvous.WaitingListens()), Is.EqualTo((false, MaxListens + 1)));
        }

        Assert.That(other.IsCompleted, Is.False, "another server's");
    }

    [Test]
    public void A_listen_takes_the_place_of_its_former_self()
    {
        Task<ListenResult> former = Listen(listener: "a"), another = Listen(listener: "b"), elsewhere = Listen(new PortAddress("home", "web"), listener: "a"), nameless = Listen(new PortAddress("office", "ssh"), listener: "a");

        Task<ListenResult> again = Listen(listener: "a");

        Assert.That(former.Result, Is.EqualTo(new ListenResult(RendezvousOutcome.Nobody, null)));
        Assert.That(new[] { another, elsewhere, nameless, again }.Any(static listen => listen.IsCompleted), Is.False);
        Offer first = NewOffer(), second = NewOffer();
        Connect(first);
        Connect(second);
        Assert.That((another.Result.Offer, again.Result.Offer), Is.EqualTo((first, second)));
        _rendezvous.Withdraw(first);
        _rendezvous.Withdraw(second);
    }

    [Test]
    public void A_former_self_that_was_matched_is_not_ended()
    {
        Task<ListenResult> former = Listen(listener: "a");
        Offer offer = NewOffer();
        Connect(offer);
        Listen(listener: "a");

        Assert.That(former.Result.Offer, Is.EqualTo(offer));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void A_returned_offer_goes_to_the_newest_listen()
    {
        Task<ListenResult>[] listens = [Listen(), Listen(), Listen()];
        Offer offer = NewOffer();
        Connect(offer);
        Assert.That(listens[0].Result.Offer, Is.EqualTo(offer));
        _rendezvous.Return(offer);

        Assert.That((listens[1].IsCompleted, listens[2].Result.Offer), Is.EqualTo((false, offer)));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void Connects_of_a_client_are_bounded()
    {
        for (int i = 0; i < MaxConnects; i++) Assert.That(Connect(NewOffer(new PortAddress("home", $"p{i}"))).IsCompleted, Is.False);

        Assert.That(Connect(NewOffer()).Result, Is.EqualTo(RendezvousOutcome.TooMany));
        Assert.That(Connect(NewOffer(client: "phone")).IsCompleted, Is.False, "another client");
        _time.Advance(Wait);
        Assert.That(Connect(NewOffer()).IsCompleted, Is.False, "there is room again");
    }

    [Test]
    public void A_listen_that_is_served_at_once_counts_for_nothing()
    {
        for (int i = 0; i < MaxListens; i++) Listen(new PortAddress("home", $"p{i}"));
        Offer offer = NewOffer();
        Connect(offer);

        Assert.That(Listen().Result.Offer, Is.EqualTo(offer));
        _rendezvous.Withdraw(offer);
    }

    [Test]
    public void Closing_ends_all_waits_and_later_ones_at_once()
    {
        Task[] waiting = [Listen(), Listen(new PortAddress("office", "ssh")), Connect(NewOffer(new PortAddress("home", "http")))];
        _rendezvous.Close();

        Assert.That(waiting.Select(OutcomeOf), Is.All.EqualTo(RendezvousOutcome.Nobody));
        Assert.That(OutcomeOf(Listen()), Is.EqualTo(RendezvousOutcome.Nobody));
        Assert.That(OutcomeOf(Connect(NewOffer())), Is.EqualTo(RendezvousOutcome.Nobody));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Under_load_each_offer_goes_to_one_listen_and_nothing_is_left(CancellationToken token)
    {
        const int Parties = 600;
        InMemoryRendezvous rendezvous = New(most: Parties);
        int[] seeds = [.. Enumerable.Range(0, Parties).Select(_ => Random.Int())];
        var handedOut = new ConcurrentBag<Offer>();
        var matched = new ConcurrentBag<Offer>();

        Task[] parties = await Task.WhenAll(Enumerable.Range(0, Parties).Select(i => Task.Run(
            () =>
            {
                var random = new Random(seeds[i]);
                var address = new PortAddress("home", $"p{random.Next(3)}");
                // A third of them leave, some at once.
                CancellationToken gone = random.Next(3) == 0 ? LeaveSoon(random.Next(20), token) : CancellationToken.None;
                return Task.FromResult(i % 2 == 0 ? ListenAsync(address, gone, random) : ConnectAsync(address, gone, random));
            },
            token)));
        // All have come. Who is left waiting goes at the end of its time.
        _time.Advance(Wait);
        await Task.WhenAll(parties).ComesAsync(token);

        async Task ListenAsync(PortAddress address, CancellationToken gone, Random random)
        {
            ListenResult result = await rendezvous.ListenAsync(address, Wait, gone);
            if (result.Outcome != RendezvousOutcome.Matched) return;
            // Some servers cannot be told.
            if (random.Next(4) == 0) rendezvous.Return(result.Offer!);
            else handedOut.Add(result.Offer!);
        }

        async Task ConnectAsync(PortAddress address, CancellationToken gone, Random random)
        {
            Offer offer = NewOffer(address, $"c{random.Next(5)}");
            if (await rendezvous.OfferAsync(offer, Wait, gone) != RendezvousOutcome.Matched) return;
            matched.Add(offer);
            if (random.Next(2) == 0) rendezvous.Withdraw(offer);
        }

        Assert.That(handedOut, Is.SubsetOf(matched));
        Assert.That(handedOut, Is.Unique);
        Assert.That(handedOut, Is.Not.Empty);
        foreach (Offer offer in matched) rendezvous.Withdraw(offer);
        Assert.That(rendezvous.Kept(), Is.Zero);
    }

    private static CancellationToken LeaveSoon(int steps, CancellationToken token)
    {
        var gone = new CancellationTokenSource();
        _ = LeaveAsync();
        return gone.Token;

        async Task LeaveAsync()
        {
            for (; steps > 0 && !token.IsCancellationRequested; steps--) await Task.Yield();
            await gone.CancelAsync();
        }
    }

    private InMemoryRendezvous New(int? most = null) =>
        new(new RelayLimits { MaxWaitingListensPerServer = most ?? MaxListens, MaxWaitingConnectsPerClient = most ?? MaxConnects }, _time);

    private Task<ListenResult> Listen(PortAddress? address = null, string? listener = null, CancellationToken gone = default) =>
        _rendezvous.ListenAsync(address ?? Ssh, Wait, gone, listener);

    private Task<RendezvousOutcome> Connect(Offer offer, TimeSpan? wait = null, CancellationToken gone = default) =>
        _rendezvous.OfferAsync(offer, wait ?? Wait, gone);

    private static Offer NewOffer(PortAddress? address = null, string client = "laptop") => new(ConnectionId.New(), address ?? Ssh, client);

    private static RendezvousOutcome OutcomeOf(Task ended)
    {
        Assert.That(ended.IsCompleted, Is.True);
        return ended is Task<ListenResult> listen ? listen.Result.Outcome : ((Task<RendezvousOutcome>)ended).Result;
    }
}
