using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ptth.Bench;

/// <summary>Kestrel with one connection in memory, everything inline: it reads each request's body to the end and answers 200.</summary>
internal sealed class KestrelInMemory : IConnectionListenerFactory, IConnectionListener, IHttpApplication<IFeatureCollection>
{
    // More than a request: a write never waits for the reader.
    private static readonly PipeOptions Inline = new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _requests = new(Inline);
    private readonly Pipe _responses = new(Inline);
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();
    private readonly KestrelServer _server;

    private KestrelInMemory()
    {
        var options = new KestrelServerOptions { ApplicationServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Listen(IPAddress.Loopback, 0);
        _server = new KestrelServer(Options.Create(options), this, NullLoggerFactory.Instance);
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; private set; } = null!;

    /// <summary>Starts it.</summary>
    public static async Task<KestrelInMemory> StartAsync()
    {
        var started = new KestrelInMemory();
        await started._server.StartAsync(started, CancellationToken.None);
        var transport = new Duplex(started._requests.Reader, started._responses.Writer);
        var application = new Duplex(started._responses.Reader, started._requests.Writer);
        started._connections.Writer.TryWrite(new DefaultConnectionContext("memory", transport, application));
        return started;
    }

    /// <summary>Sends a request and receives the answer, of which the head is all.</summary>
    public async Task ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        await _requests.Writer.WriteAsync(request);
        while (true)
        {
            ReadResult answer = await _responses.Reader.ReadAsync();
            bool isWhole = Http200.IsWhole(answer.Buffer.FirstSpan);
            _responses.Reader.AdvanceTo(isWhole ? answer.Buffer.End : answer.Buffer.Start, answer.Buffer.End);
            if (isWhole) return;
        }
    }

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        await _requests.Writer.CompleteAsync();
        _connections.Writer.Complete();
        await _server.StopAsync(CancellationToken.None);
        _server.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return ValueTask.FromResult<IConnectionListener>(this);
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _connections.Reader.WaitToReadAsync(cancellationToken) && _connections.Reader.TryRead(out ConnectionContext? connection) ? connection : null;

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        PipeReader body = context.Get<IRequestBodyPipeFeature>()!.Reader;
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        context.Get<IHttpResponseFeature>()!.Headers.ContentLength = 0;
    }

    /// <inheritdoc/>
    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
