using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>
/// Completions run on the threads that serve all sockets. A peer that always has something ready must not keep such a thread.
/// The thread here is one of the test's own, so that what goes on elsewhere can be told from what went on in the call.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TurnTests : InProcessTest
{
    private const int Requests = 500;
    private const int Connections = 100;

    [Test]
    [CancelAfter(30_000)]
    public async Task Pipelined_requests_do_not_keep_the_thread(CancellationToken token)
    {
        using var ticker = new Ticker(new FakeTimeProvider());
        using var channel = new InProcessChannel(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), Requests), ChannelEnd.Fin);
        var turn = new OwnThread();
        int inTurn = 0;
        int handled = 0;
        var connection = new HttpServerConnection(new Connection(channel), new HttpServerOptions
        {
            Ticker = ticker,
            ErrorResponse = static (status, _) => new HttpResponse { Status = status },
            Handler = exchange =>
            {
                handled++;
                if (turn.IsCurrent) inTurn++;
                return exchange.RespondAsync(new HttpResponse { Status = 204 });
            },
        });

        await turn.Run(connection.RunAsync).WaitAsync(token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(handled, Is.EqualTo(Requests));
            Assert.That(inTurn, Is.InRange(1, 50));
            Assert.That(Encoding.ASCII.GetString(channel.Sent).Split("HTTP/1.1 204").Length - 1, Is.EqualTo(Requests));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Queued_connections_do_not_keep_the_thread(CancellationToken token)
    {
        using var listener = new TcpListenerLoop(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        for (int i = 0; i < Connections; i++) Own(await TcpStreams.ConnectAsync(listener.LocalEndPoint, token));
        var turn = new OwnThread();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int inTurn = 0;
        int accepted = 0;

        Task loop = turn.Run(() => listener.RunAsync(
            socket =>
            {
                Own(socket);
                if (turn.IsCurrent) inTurn++;
                if (++accepted == Connections) all.SetResult();
            },
            static _ => { }));
        await all.Task.WaitAsync(token);
        listener.Dispose();
        await loop.WaitAsync(token);

        Assert.That(inTurn, Is.InRange(1, 50));
    }

    /// <summary>Calls something on a thread that nothing else ever runs on.</summary>
    private sealed class OwnThread
    {
        private readonly StrongBox<int> _id = new();

        /// <summary>Whether this is that thread.</summary>
        public bool IsCurrent => Environment.CurrentManagedThreadId == _id.Value;

        /// <summary>Begins <paramref name="operation"/> there.</summary>
        public Task Run(Func<Task> operation)
        {
            var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
            new Thread(() =>
            {
                _id.Value = Environment.CurrentManagedThreadId;
                begun.SetResult(operation());
                // The runtime gives a dead thread's number to the next one.
                begun.Task.Unwrap().ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
            })
            {
                IsBackground = true,
            }.Start();
            return begun.Task.Unwrap();
        }
    }
}
