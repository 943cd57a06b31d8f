using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>Listening sockets.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TcpListenerLoopTests : InProcessTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task Every_connection_is_accepted_until_the_loop_is_disposed(CancellationToken token)
    {
        // A port that nobody else takes once it is closed.
        var listener = new TcpListenerLoop(FreePort.Take(), TimeProvider.System);
        using var accepted = new SemaphoreSlim(0);
        Task loop = listener.RunAsync(
            socket =>
            {
                Own(socket);
                accepted.Release();
            },
            static _ => { });

        for (int i = 0; i < 20; i++) Own(await TcpStreams.ConnectAsync(listener.LocalEndPoint, token));
        for (int i = 0; i < 20; i++) await accepted.WaitAsync(token);
        listener.Dispose();
        await loop.ComesAsync(token);

        await Assert.ThrowsAsync<SocketException>(() => TcpStreams.ConnectAsync(listener.LocalEndPoint, token));
    }

    [Test]
    public void An_address_in_use_cannot_be_had()
    {
        using var first = new TcpListenerLoop(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);

        SocketException? failure = Assert.Throws<SocketException>(() => _ = new TcpListenerLoop(first.LocalEndPoint, TimeProvider.System));

        Assert.That(ListenFailure.Describe(failure!.SocketErrorCode), Does.Contain("another program"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_address_can_be_had_again_while_old_connections_fade_away(CancellationToken token)
    {
        // A port that nobody else takes in between.
        var first = new TcpListenerLoop(FreePort.Take(), TimeProvider.System);
        var accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task loop = first.RunAsync(accepted.SetResult, static _ => { });
        using var peer = new InProcessPeer(await TcpStreams.ConnectAsync(first.LocalEndPoint, token));
        // Who closes first is left with the connection in TIME_WAIT.
        (await accepted.Task.ComesAsync(token)).Dispose();
        Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        peer.Dispose();
        first.Dispose();
        await loop.ComesAsync(token);

        using var second = new TcpListenerLoop(first.LocalEndPoint, TimeProvider.System);
        Assert.That(second.LocalEndPoint, Is.EqualTo(first.LocalEndPoint));
    }

    [Test]
    public void An_address_of_another_machine_cannot_be_had()
    {
        // RFC 5737: for documentation, so that no machine has it.
        var elsewhere = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);

        SocketException? failure = Assert.Throws<SocketException>(() => _ = new TcpListenerLoop(elsewhere, TimeProvider.System));

        Assert.That(ListenFailure.Describe(failure!.SocketErrorCode), Does.Contain("no such address"));
    }
}
