using System.Net;
using System.Net.Sockets;
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
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime), Is.EqualTo(60));
                Assert.That(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval), Is.EqualTo(15));
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
