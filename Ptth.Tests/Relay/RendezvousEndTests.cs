using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;

namespace Ptth.Tests.Relay;

/// <summary>Parties that are gone at the rendezvous: nothing is left of them, and nobody is told of them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RendezvousEndTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly PortAddress Port = new("home", "ssh");
    private static readonly CancellationToken Gone = new(canceled: true);

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryRendezvous _rendezvous;

    public RendezvousEndTests() => _rendezvous = new InMemoryRendezvous(new RelayLimits { MaxWaitingConnectsPerClient = 1 }, _time);

    [Test]
    public async Task An_offer_that_is_returned_after_it_was_withdrawn_leaves_nothing()
    {
        Offer first = NewOffer();
        Task<ListenResult> listen = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);
        await _rendezvous.OfferAsync(first, Wait, CancellationToken.None);
        Assert.That((await listen).Offer, Is.EqualTo(first));

        _rendezvous.Withdraw(first);
        _rendezvous.Return(first);

        // The client may have one connect waiting: it is not taken up by a dead one.
        Task<RendezvousOutcome> second = _rendezvous.OfferAsync(NewOffer(), Wait, CancellationToken.None);
        Assert.That(second.IsCompleted, Is.False);
        Assert.That((await _rendezvous.ListenAsync(Port, Wait, CancellationToken.None)).Offer, Is.Not.EqualTo(first));
        Assert.That(await second, Is.EqualTo(RendezvousOutcome.Matched));
    }

    [Test]
    public async Task An_offer_that_is_withdrawn_after_it_was_returned_leaves_nothing()
    {
        Offer offer = NewOffer();
        _ = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);
        await _rendezvous.OfferAsync(offer, Wait, CancellationToken.None);

        _rendezvous.Return(offer);
        _rendezvous.Withdraw(offer);
        _rendezvous.Return(offer);

        Task<ListenResult> listen = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);
        _time.Advance(Wait);
        Assert.That((await listen).Outcome, Is.EqualTo(RendezvousOutcome.Nobody));
    }

    [Test]
    public async Task An_offer_can_be_returned_as_often_as_it_is_taken()
    {
        Offer offer = NewOffer();
        _ = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);
        await _rendezvous.OfferAsync(offer, Wait, CancellationToken.None);

        for (int i = 0; i < 3; i++)
        {
            Task<ListenResult> waiting = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);
            _rendezvous.Return(offer);
            Assert.That((await waiting).Offer, Is.EqualTo(offer));
            _rendezvous.Return(offer);
            Assert.That((await _rendezvous.ListenAsync(Port, Wait, CancellationToken.None)).Offer, Is.EqualTo(offer));
        }
    }

    [Test]
    public async Task A_client_that_has_gone_takes_no_listen()
    {
        Task<ListenResult> listen = _rendezvous.ListenAsync(Port, Wait, CancellationToken.None);

        Assert.That(await _rendezvous.OfferAsync(NewOffer(), Wait, Gone), Is.EqualTo(RendezvousOutcome.Cancelled));
        Assert.That(listen.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_server_that_has_gone_takes_no_offer()
    {
        Task<RendezvousOutcome> offer = _rendezvous.OfferAsync(NewOffer(), Wait, CancellationToken.None);

        Assert.That((await _rendezvous.ListenAsync(Port, Wait, Gone)).Outcome, Is.EqualTo(RendezvousOutcome.Cancelled));
        Assert.That(offer.IsCompleted, Is.False);
    }

    private static Offer NewOffer() => new(ConnectionId.New(), Port, "laptop");
}
