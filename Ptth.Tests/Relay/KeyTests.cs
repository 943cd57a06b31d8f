using System.Net;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Keys that expire, that are being replaced, and that may come from some addresses only.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed partial class KeyTests : InProcessTest
{
    private static readonly PtthKey Old = PtthKey.Generate();
    private static readonly PtthKey FromElsewhere = PtthKey.Generate();

    private readonly InProcessRelay _relay;

    public KeyTests() => _relay = Own(new InProcessRelay(change: static (config, now) => config with
    {
        Servers =
        [
            new ServerEntry("home", new PartyKey(InProcessRelay.Home.Hash(), now + TimeSpan.FromSeconds(100)))
            {
                OldKey = new PartyKey(Old.Hash(), now + TimeSpan.FromSeconds(10)),
            },
            new ServerEntry("office", new PartyKey(FromElsewhere.Hash())) { AllowFrom = [IPNetwork.Parse("127.0.0.2/32")] },
        ],
    }));

    [Test]
    [CancelAfter(30_000)]
    public async Task No_answer_tells_an_expired_key_from_an_unknown_one_or_from_one_at_the_wrong_address(CancellationToken token)
    {
        _relay.Advance(10);

        List<string> answers = [];
        foreach (PtthKey? key in new[] { PtthKey.Generate(), Old, FromElsewhere, null })
        {
            PeerMessage answer = await _relay.AskAsync("listen/ssh", key, token);
            answers.Add(DateField().Replace(answer.Head, "Date: -\r\n") + answer.Text);
        }

        Assert.That(answers[0], Does.StartWith("HTTP/1.1 401 "));
        Assert.That(answers, Is.All.EqualTo(answers[0]));
        Assert.That(_relay.Log.Lines.Select(static line => line[line.IndexOf('(', StringComparison.Ordinal)..]), Is.EqualTo(new[]
        {
            "(key: unknown)", "(key: home, expired)", "(key: office, not allowed from this address)", "(key: none)",
        }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Both_keys_of_a_party_are_good_until_each_expires(CancellationToken token)
    {
        await _relay.ListenAsync(token, key: Old);
        await _relay.ListenAsync(token);
        _relay.Advance(10);

        Assert.That((await _relay.AskAsync("listen/ssh", Old, token)).Status, Is.EqualTo(401));
        await _relay.ListenAsync(token);
        _relay.Advance(90);
        Assert.That((await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token)).Status, Is.EqualTo(401));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_is_open_when_its_key_expires_goes_on(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        _relay.Advance(100);

        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        // Its connections are good for further requests of the party, and those are refused.
        await tunnel.Accept.SendAsync(InProcessRelay.Head("POST", "listen/ssh", InProcessRelay.Home), token);
        Assert.That((await tunnel.Accept.ReadMessageAsync(token)).Status, Is.EqualTo(401));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_is_good_from_where_it_may_come(CancellationToken token)
    {
        InProcessPeer connect = await _relay.SendAsync("connect/office/ssh", InProcessRelay.Phone, token);
        PeerMessage answer = await _relay.AskAsync("listen/ssh", FromElsewhere, token, from: IPAddress.Parse("127.0.0.2"));

        Assert.That((answer.Status, answer["Ptth-Client"]), Is.EqualTo((200, "phone")));
        connect.Dispose();
    }

    [GeneratedRegex("Date: [^\r]*\r\n")]
    private static partial Regex DateField();
}
