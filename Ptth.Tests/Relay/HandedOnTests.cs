using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>What the two proxies say to each other through the relay, which hands it on unread and within bounds.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class HandedOnTests : InProcessTest
{
    private readonly InProcessRelay _relay;

    public HandedOnTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task An_offer_goes_to_the_server_and_what_is_agreed_to_the_client(CancellationToken token)
    {
        InProcessPeer connect = await _relay.ConnectAsync(token, fields: "Ptth-Offer: records=20, later\r\n");
        PeerMessage listened = await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token);
        await _relay.SendAsync($"accept/{listened["Ptth-Connection"]}", InProcessRelay.Home, token, "Ptth-Agreed: anything; at all\r\n");
        PeerMessage connected = await connect.ReadHeadAsync(token);

        Assert.That((listened["Ptth-Offer"], connected["Ptth-Agreed"]), Is.EqualTo(("records=20, later", "anything; at all")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_not_said_is_not_heard(CancellationToken token)
    {
        InProcessPeer connect = await _relay.ConnectAsync(token);
        PeerMessage listened = await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token);
        await _relay.SendAsync($"accept/{listened["Ptth-Connection"]}", InProcessRelay.Home, token);
        PeerMessage connected = await connect.ReadHeadAsync(token);

        Assert.That((listened["Ptth-Offer"], connected["Ptth-Agreed"]), Is.EqualTo(((string?)null, (string?)null)));
    }

    [TestCase("Ptth-Offer: \u00e4\r\n")]
    [TestCase("Ptth-Offer: a\tb\r\n")]
    [TestCase("Ptth-Offer:\r\n")]
    [TestCase("Ptth-Offer: a\r\nPtth-Offer: b\r\n")]
    [CancelAfter(30_000)]
    public async Task What_is_no_visible_ASCII_or_stands_twice_is_dropped(string field, CancellationToken token)
    {
        await _relay.ConnectAsync(token, fields: field);
        PeerMessage listened = await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token);

        Assert.That((listened.Status, listened["Ptth-Offer"]), Is.EqualTo((200, (string?)null)));
    }

    [TestCase(256, true)]
    [TestCase(257, false)]
    [CancelAfter(30_000)]
    public async Task What_is_longer_than_256_bytes_is_dropped(int length, bool isHandedOn, CancellationToken token)
    {
        string offer = new('x', length);
        await _relay.ConnectAsync(token, fields: $"Ptth-Offer: {offer}\r\n");
        PeerMessage listened = await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token);

        Assert.That(listened["Ptth-Offer"], Is.EqualTo(isHandedOn ? offer : null));
    }
}
