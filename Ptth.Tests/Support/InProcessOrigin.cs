using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Transport;

namespace Ptth.Tests.Support;

/// <summary>An HTTP client under test, the server that it talks to, by hand, and a clock that the test moves.</summary>
internal sealed class InProcessOrigin : IAsyncDisposable
{
    private readonly TcpService _service = new();
    private readonly List<InProcessPeer> _peers = [];

    public InProcessOrigin(int maxIdle = 64) : this(maxIdle, null)
    {
    }

    private InProcessOrigin(int maxIdle, string? proxyAuthorization)
    {
        Ticker = new Ticker(Time);
        Client = new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin("127.0.0.1", _service.EndPoint.Port, "relay.example"),
            Proxy = proxyAuthorization is null ? null : new HttpProxy("127.0.0.1", _service.EndPoint.Port, "proxy.example:3128", proxyAuthorization),
            Ticker = Ticker,
            Time = Time,
            MaxIdleConnections = maxIdle,
            IdentityField = "X-Process"u8.ToArray(),
        });
    }

    /// <summary>The client's clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    /// <summary>Its ticker; the client itself is one of its items, and so is each connection.</summary>
    public Ticker Ticker { get; }

    /// <summary>The client.</summary>
    public PtthHttpClient Client { get; }

    private ClientConnection? OnlyConnection => Ticker.ItemsOf<ClientConnection>().SingleOrDefault();

    /// <summary>How many connections the client has open.</summary>
    public int Connections => Ticker.Count - 1;

    /// <summary>A client whose way leads through a proxy: that is what it talks to.</summary>
    public static InProcessOrigin OfProxy(string authorization) => new(64, authorization);

    /// <summary>A request.</summary>
    public static HttpRequest Post(string target) => new() { Method = "POST", Target = target };

    /// <summary>The next connection that the client opens.</summary>
    public async Task<InProcessPeer> AcceptAsync(CancellationToken token)
    {
        var peer = new InProcessPeer(await _service.AcceptAsync(token));
        await Task.Yield();
        _peers.Add(peer);
        return peer;
    }

    /// <summary>One exchange on a connection that is new, which is idle after it.</summary>
    public async Task<InProcessPeer> OpenIdleAsync(CancellationToken token)
    {
        Task<ClientExchange> sending = Client.SendAsync(Post("/first"), token);
        InProcessPeer peer = await AcceptAsync(token);
        await AnswerAsync(peer, sending, token);
        return peer;
    }

    /// <summary>Answers the request that is under way on a connection with an empty 200, and ends the exchange.</summary>
    public static async Task AnswerAsync(InProcessPeer peer, Task<ClientExchange> sending, CancellationToken token)
    {
        await peer.ReadMessageAsync(token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", token);
        (await sending.ComesAsync(token)).Finish();
    }

    /// <summary>Waits until the one connection's deadline lies so far ahead.</summary>
    public Task UntilDeadlineIsAsync(TimeSpan ahead, CancellationToken token) =>
        InProcessWait.UntilAsync(() => OnlyConnection is { } connection && Deadline(connection) == Ticker.DeadlineIn(ahead), $"a deadline in {ahead.TotalSeconds} s", token);

    /// <summary>Waits until the first byte of the answer on the one connection was read.</summary>
    public Task UntilAnswerBeginsAsync(CancellationToken token) =>
        InProcessWait.UntilAsync(() => OnlyConnection is { ResponseHasBegun: true }, "an answer has begun", token);

    /// <summary>Closes everything, and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _service.Dispose();
        foreach (InProcessPeer peer in _peers) peer.Dispose();
        await Ticker.UntilEmptyAsync();
        Ticker.Dispose();
        Assert.That(Client.IdleConnections, Is.Zero);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_deadline")]
    private static extern ref long Deadline(ClientConnection connection);
}
