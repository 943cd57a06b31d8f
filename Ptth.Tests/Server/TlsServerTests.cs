using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Server;

/// <summary>A server's connection over TLS: the handshake in its time, and what comes that is not TLS.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TlsServerTests : InProcessTest
{
    private InProcessServer _server = null!;

    [SetUp]
    public void Start() => _server = Own(new InProcessServer());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_handshake_that_does_not_begin_is_closed_after_10_seconds(CancellationToken token)
    {
        ServedPeer served = _server.ConnectTls();
        Advance(9);
        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_handshake_that_stops_midway_is_closed_after_10_seconds(CancellationToken token)
    {
        ServedPeer served = _server.ConnectTls();
        await served.Peer.SendAsync("\x16\x03\x01\x02\0", token);
        Advance(10);

        await served.Running.ComesAsync(token);
        Assert.That(_server.Handled, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Plain_HTTP_is_answered_in_plain_HTTP(CancellationToken token)
    {
        ServedPeer served = _server.ConnectTls();
        await served.Peer.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n", token);
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);

        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Text, Is.EqualTo(HttpViolations.DescriptionOf(HttpViolation.NotTls)));
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        served.Peer.Dispose();
        await served.Running.ComesAsync(token);
        Assert.That(_server.Refused, Is.EqualTo(new[] { HttpViolation.NotTls }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task TLS_on_a_plain_port_is_answered_in_plain_HTTP(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", token);
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);

        Assert.That(answer.Text, Does.Contain("http://"));
        Assert.That(_server.Refused, Is.EqualTo(new[] { HttpViolation.TlsHandshake }));
    }

    private void Advance(int seconds)
    {
        for (int i = 0; i < seconds; i++) _server.Time.Advance(TimeSpan.FromSeconds(1));
    }
}
