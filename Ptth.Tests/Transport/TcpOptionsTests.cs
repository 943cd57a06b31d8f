using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>The options of both ends of a connection, dialed and accepted.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TcpOptionsTests : InProcessTest
{
    [TestCase("127.0.0.1")]
    [TestCase("0.0.0.0")]
    [CancelAfter(30_000)]
    public async Task Nothing_is_delayed_and_dead_peers_are_found(string bound, CancellationToken token)
    {
        (Socket dialed, Socket accepted) = await ConnectAsync(bound, token);

        foreach (Socket socket in new[] { dialed, accepted })
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(socket.NoDelay, Is.True);
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive), Is.Not.EqualTo(0));
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime), Is.EqualTo(20));
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval), Is.EqualTo(8));
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount), Is.EqualTo(4));
            }
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("0.0.0.0")]
    [Platform("Linux")]
    [CancelAfter(30_000)]
    public async Task Within_the_machine_nothing_is_paced(string bound, CancellationToken token)
    {
        (Socket dialed, Socket accepted) = await ConnectAsync(bound, token);

        Assert.That(CongestionControlOf(dialed), Is.EqualTo("reno"));
        Assert.That(CongestionControlOf(accepted), Is.EqualTo("reno"));
    }

    /// <summary>Where the kernel can, Linux from 6.15 on; others say that they know no such option.</summary>
    [Test]
    [Platform("Linux")]
    [CancelAfter(30_000)]
    public async Task What_is_lost_is_sent_again_within_4_seconds(CancellationToken token)
    {
        (Socket dialed, Socket accepted) = await ConnectAsync("0.0.0.0", token);

        foreach (Socket socket in new[] { dialed, accepted })
        {
            int milliseconds = 0;
            try
            {
                socket.GetRawSocketOption(6, 44, MemoryMarshal.AsBytes(new Span<int>(ref milliseconds)));
            }
            catch (SocketException)
            {
                Assert.Ignore("this kernel has no TCP_RTO_MAX_MS");
            }

            Assert.That(milliseconds, Is.EqualTo(4000));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_peer_is_looked_at_more_closely_and_as_usual_again(CancellationToken token)
    {
        (Socket dialed, _) = await ConnectAsync("127.0.0.1", token);
        var channel = new SocketChannel(dialed);

        channel.Check(PeerCheck.Close(3));
        Assert.That(CheckOf(dialed), Is.EqualTo(new PeerCheck(3, 1, 10)));
        channel.Check(PeerCheck.Usual);
        Assert.That(CheckOf(dialed), Is.EqualTo(new PeerCheck(20, 8, 4)));
        channel.Abort();
        Assert.That(() => channel.Check(PeerCheck.Usual), Throws.Nothing);
    }

    private static PeerCheck CheckOf(Socket socket)
    {
        return new PeerCheck(Of(SocketOptionName.TcpKeepAliveTime), Of(SocketOptionName.TcpKeepAliveInterval), Of(SocketOptionName.TcpKeepAliveRetryCount));

        int Of(SocketOptionName name) => (int)socket.GetSocketOption(SocketOptionLevel.Tcp, name)!;
    }

    private async Task<(Socket Dialed, Socket Accepted)> ConnectAsync(string bound, CancellationToken token)
    {
        var listener = Own(new TcpListenerLoop(new IPEndPoint(IPAddress.Parse(bound), 0), TimeProvider.System));
        var accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = listener.RunAsync(accepted.SetResult, static _ => { });
        DialResult dialed = await TcpDialer.DialAsync("127.0.0.1", listener.LocalEndPoint.Port, TimeSpan.FromSeconds(20), TimeProvider.System, token);
        Assert.That(dialed.Socket, Is.Not.Null, dialed.Detail);
        return (Own(dialed.Socket!), Own(await accepted.Task.ComesAsync(token)));
    }

    private static string CongestionControlOf(Socket socket)
    {
        // getsockopt(IPPROTO_TCP, TCP_CONGESTION) of Linux.
        Span<byte> name = stackalloc byte[16];
        int length = socket.GetRawSocketOption(6, 13, name);
        return Encoding.ASCII.GetString(name[..length]).TrimEnd('\0');
    }
}
