using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Tests.Support;

/// <summary>One connection of an <see cref="InProcessServer"/>.</summary>
/// <param name="Peer">Its other end.</param>
/// <param name="Connection">The server's end.</param>
/// <param name="Running">Completes when the server is done with it.</param>
internal sealed record ServedPeer(InProcessPeer Peer, HttpServerConnection Connection, Task Running)
{
    /// <summary>Whether the connection rests between two exchanges.</summary>
    public bool IsIdle => IsIdleField(Connection);

    /// <summary>Waits until the server has seen the first byte of a head, or until it rests again.</summary>
    public Task UntilIdleIsAsync(bool idle, CancellationToken token) =>
        InProcessWait.UntilAsync(() => IsIdle == idle, idle ? "the connection rests" : "the head has begun", token);

    /// <summary>When the server gives it up, in its ticker's time.</summary>
    public long Deadline => Volatile.Read(ref DeadlineField(Connection));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_deadline")]
    private static extern ref long DeadlineField(HttpServerConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_isIdle")]
    private static extern ref bool IsIdleField(HttpServerConnection connection);
}

/// <summary>
/// HTTP connections, with their server's end under test and a clock that the test moves. Targets: <c>/echo</c> answers with the
/// request's body, <c>/stream</c> does so while it comes, <c>/error</c> refuses it, <c>/wait</c> waits for <see cref="Gate"/> or for
/// the peer to go, <c>/throw</c> fails, <c>/silent</c> gives no answer; anything else answers with the target.
/// </summary>
internal sealed class InProcessServer : IAsyncDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(15);

    private readonly List<ServedPeer> _served = [];
    private readonly List<string> _handled = [];
    private readonly List<ServerExchange> _exchanges = [];
    private readonly List<HttpViolation> _refused = [];

    /// <summary>The server's clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    /// <summary>Its ticker.</summary>
    public Ticker Ticker => field ??= new Ticker(Time);

    /// <summary>What <c>/wait</c> waits for.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <c>/wait</c> has seen its peer go.</summary>
    public TaskCompletionSource PeerGone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether connections end with the exchange they are in.</summary>
    public bool IsDraining { get; set; }

    /// <summary>The targets of all requests that were handled, in order.</summary>
    public IReadOnlyList<string> Handled
    {
        get
        {
            lock (_handled) return [.. _handled];
        }
    }

    /// <summary>The rules that bytes broke, in order.</summary>
    public IReadOnlyList<HttpViolation> Refused
    {
        get
        {
            lock (_handled) return [.. _refused];
        }
    }

    /// <summary>The exchanges of those requests.</summary>
    public IReadOnlyList<ServerExchange> Exchanges
    {
        get
        {
            lock (_handled) return [.. _exchanges];
        }
    }

    /// <summary>Opens a connection.</summary>
    public ServedPeer Connect(int? bufferBytes = null)
    {
        InProcessTcp pair = InProcessTcp.Connect(bufferBytes);
        return Serve(pair, new SocketChannel(pair.Ours));
    }

    /// <summary>Opens a connection on which the server speaks TLS; the peer has the bare socket.</summary>
    public ServedPeer ConnectTls()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        return Serve(pair, new TlsChannel(new SocketChannel(pair.Ours), TlsPair.ServerHandshake()));
    }

    /// <summary>Serves a connection that somebody else's client opened, over TLS.</summary>
    public void ServeTls(Socket socket) => Serve(new InProcessTcp(socket, socket), new TlsChannel(new SocketChannel(socket), TlsPair.ServerHandshake()));

    private ServedPeer Serve(InProcessTcp pair, ByteChannel channel)
    {
        var connection = new HttpServerConnection(new Connection(channel), new HttpServerOptions
        {
            Ticker = Ticker,
            Handler = HandleAsync,
            ErrorResponse = static (status, text) => new HttpResponse { Status = status, ContentType = "text/plain", Body = Encoding.ASCII.GetBytes(text) },
            OnRefused = (_, violation) =>
            {
                lock (_handled) _refused.Add(violation);
            },
            IsDraining = () => IsDraining,
        });
        var served = new ServedPeer(new InProcessPeer(pair.Peers), connection, connection.RunAsync());
        _served.Add(served);
        return served;
    }

    /// <summary>Waits until so many requests have reached the handler.</summary>
    public Task UntilHandledAsync(int count, CancellationToken token) =>
        InProcessWait.UntilAsync(() => Handled.Count >= count, $"{count} requests are handled", token);

    /// <summary>Waits until a connection's deadline lies so far ahead.</summary>
    public Task UntilDeadlineIsAsync(ServedPeer served, TimeSpan ahead, CancellationToken token) =>
        InProcessWait.UntilAsync(() => served.Deadline == Ticker.DeadlineIn(ahead), $"a deadline in {ahead.TotalSeconds} s", token);

    /// <summary>Closes the peers' ends, and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        foreach (ServedPeer served in _served) served.Peer.Dispose();
        // How each one ended is the test's affair.
        await Task.WhenAll(_served.Select(static served => served.Running.ContinueWith(static _ => { }, TaskScheduler.Default))).WaitAsync(EndBound);
        int left = Ticker.Count;
        Ticker.Dispose();
        Assert.That(left, Is.Zero, "items are left in the ticker");
    }

    private async ValueTask HandleAsync(ServerExchange exchange)
    {
        lock (_handled)
        {
            _handled.Add(exchange.Request.Target);
            _exchanges.Add(exchange);
        }

        switch (exchange.Request.Target)
        {
            case "/echo":
                await exchange.RespondAsync(Answer(await exchange.ReadBodyAsync(1024) ?? "too long"u8.ToArray()));
                break;
            case "/stream":
                await StreamAsync(exchange);
                break;
            case "/error":
                await exchange.RespondAsync(Answer("no"u8.ToArray()) with { Status = 403 });
                break;
            case "/drain":
                IsDraining = true;
                await exchange.RespondAsync(Answer([]));
                break;
            case "/wait":
                await WaitAsync(exchange);
                break;
            case "/throw":
                throw new NotSupportedException("thrown by the handler");
            case "/silent":
                break;
            case "/large":
                await exchange.RespondAsync(Answer(new byte[4 * 1024 * 1024]));
                break;
            default:
                await exchange.RespondAsync(Answer(Encoding.ASCII.GetBytes(exchange.Request.Target)));
                break;
        }
    }

    private async Task WaitAsync(ServerExchange exchange)
    {
        CancellationToken gone = exchange.WatchPeer();
        try
        {
            await Gate.Task.WaitAsync(gone);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            PeerGone.TrySetResult();
        }

        await exchange.StopWatchAsync();
        if (gone.IsCancellationRequested) exchange.Abort();
        else await exchange.RespondAsync(Answer("waited"u8.ToArray()));
    }

    private static async Task StreamAsync(ServerExchange exchange)
    {
        FlowSource source = await exchange.OpenBodyAsync();
        FlowSink sink = await exchange.StartStreamAsync([]);
        FlowResult result = await new Http.Flow.Flow(source, sink).RunAsync();
        if (!result.IsClean)
        {
            exchange.Abort();
            return;
        }

        exchange.EndBody();
        exchange.EndStream();
    }

    private static HttpResponse Answer(byte[] body) => new() { Status = 200, ContentType = "text/plain", Body = body };
}
