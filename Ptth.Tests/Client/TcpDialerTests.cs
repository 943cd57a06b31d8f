using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>TCP connections, and why there is none.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TcpDialerTests : InProcessTest
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(8);

    private readonly FakeTimeProvider _time = new();

    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    [CancelAfter(30_000)]
    public async Task A_listener_is_reached(string host, CancellationToken token)
    {
        using var service = new TcpService();
        DialResult result = await TcpDialer.DialAsync(host, service.EndPoint.Port, DialTimeout, _time, token);

        Assert.That((result.Failure, result.Socket?.Connected), Is.EqualTo((DialFailure.None, true)));
        result.Socket!.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nobody_listening_is_refused(CancellationToken token)
    {
        IPEndPoint nobody = FreePort.Take();
        DialResult result = await TcpDialer.DialAsync("127.0.0.1", nobody.Port, DialTimeout, _time, token);

        Assert.That((result.Socket, result.Failure), Is.EqualTo(((Socket?)null, DialFailure.Refused)));
        Assert.That(result.Detail, Is.EqualTo($"{nobody}: connection refused"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_address_of_a_kind_that_the_machine_may_not_have_is_a_failure_like_any(CancellationToken token)
    {
        DialResult result = await TcpDialer.DialAsync("::1", FreePort.Take().Port, DialTimeout, _time, token);

        Assert.That(result.Failure, Is.AnyOf(DialFailure.Refused, DialFailure.Unreachable));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task No_answer_is_given_up_at_the_time_out(CancellationToken token)
    {
        IPEndPoint silent = await SilentAsync(token);
        Task<DialResult> dialing = TcpDialer.DialAsync("127.0.0.1", silent.Port, DialTimeout, _time, token);
        _time.Advance(DialTimeout - TimeSpan.FromMilliseconds(1));
        Assert.That(dialing.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        DialResult result = await dialing.ComesAsync(token);

        Assert.That((result.Socket, result.Failure), Is.EqualTo(((Socket?)null, DialFailure.TimedOut)));
        Assert.That(result.Detail, Does.Contain("8 s"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Cancelling_ends_the_attempt(CancellationToken token)
    {
        IPEndPoint silent = await SilentAsync(token);
        using var cancellation = new CancellationTokenSource();
        Task<DialResult> dialing = TcpDialer.DialAsync("127.0.0.1", silent.Port, Timeout.InfiniteTimeSpan, _time, cancellation.Token);
        await cancellation.CancelAsync();

        Assert.That(async () => await dialing.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
    }

    /// <summary>An address that does not answer: a listener whose queue is full, to which the kernel says nothing.</summary>
    private async Task<IPEndPoint> SilentAsync(CancellationToken token)
    {
        var listener = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        while (true)
        {
            var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
            try
            {
                socket.Connect(endPoint);
            }
            catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // On loopback the answer is there at once, or never.
                if (!socket.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectWrite)) return endPoint;
            }

            await Task.Yield();
            token.ThrowIfCancellationRequested();
        }
    }
}
