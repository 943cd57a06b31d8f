using BenchmarkDotNet.Attributes;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Bench;

/// <summary>
/// A POST with 256 KiB of a chunked body, from its first byte to the answer, against Kestrel. Both run whole but in memory, on a connection
/// that is kept: Kestrel's chunk decoder cannot be called by itself.
/// </summary>
[MemoryDiagnoser]
public class ChunkedBodyBenchmarks : IDisposable
{
    private const int DataBytes = 256 * 1024;

    private readonly MemoryChannel _channel = new();
    private readonly NullChannel _nowhere = new();
    private readonly Ticker _ticker = new(TimeProvider.System);
    private KestrelInMemory _kestrel = null!;
    private byte[] _request = [];

    [Params(16, 1024, 16 * 1024)]
    public int ChunkBytes { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        byte[] chunk = Chunks.Encode(ChunkBytes);
        _request =
        [
            .. "POST /v1/upstream/x HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n"u8,
            .. Enumerable.Repeat(chunk, DataBytes / ChunkBytes).SelectMany(static bytes => bytes),
            .. ChunkEncoder.LastChunk.Span,
        ];
        _kestrel = await KestrelInMemory.StartAsync();
        var options = new HttpServerOptions
        {
            Ticker = _ticker,
            ErrorResponse = static (status, _) => new HttpResponse { Status = status },
            Handler = TakeAsync,
        };
        _ = new HttpServerConnection(new Connection(_channel), options).RunAsync();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _kestrel.StopAsync().GetAwaiter().GetResult();
        _ticker.Dispose();
        _channel.Dispose();
        _nowhere.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public Task Kestrel() => _kestrel.ExchangeAsync(_request);

    [Benchmark]
    public void Ptth() => _channel.Exchange(_request);

    private async ValueTask TakeAsync(ServerExchange exchange)
    {
        FlowResult result = await new Flow(await exchange.OpenBodyAsync(), new RawSink(_nowhere)).RunAsync();
        if (!result.IsClean || result.Bytes != DataBytes) throw new InvalidOperationException($"The body came to {result}.");
        exchange.EndBody();
        await exchange.RespondAsync(new HttpResponse { Status = 200 });
    }
}
