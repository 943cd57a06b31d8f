using System.Buffers;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using Ptth.Http.Core;

namespace Ptth.Bench;

/// <summary>
/// A request's head: Kestrel's parser and this one's, both telling a handler that does nothing with it, and beside them what the relay does
/// with a head, which includes the checks of Host and framing and keeping all of it.
/// </summary>
[MemoryDiagnoser]
public class HeadParserBenchmarks
{
    private readonly HttpParser<KestrelSink> _kestrel = new();
    private readonly KestrelSink _kestrelSink = new(new int[1]);
    private byte[] _head = [];
    private ReadOnlySequence<byte> _sequence;

    [Params("curl", "browser", "proxy")]
    public string Sender { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _head = Sender switch
        {
            "curl" => SampleHeads.Curl.ToArray(),
            "browser" => SampleHeads.Browser.ToArray(),
            _ => SampleHeads.Proxy.ToArray(),
        };
        _sequence = new ReadOnlySequence<byte>(_head);
    }

    [Benchmark(Baseline = true)]
    public int Kestrel()
    {
        var reader = new SequenceReader<byte>(_sequence);
        if (!_kestrel.ParseRequestLine(_kestrelSink, ref reader) || !_kestrel.ParseHeaders(_kestrelSink, ref reader))
            throw new InvalidOperationException("The head is not whole.");
        return (int)reader.Consumed;
    }

    [Benchmark]
    public int HeadParser()
    {
        Sink sink = default;
        HeadScan scan = default;
        if (Http.Core.HeadParser.ParseRequest(_head, HttpLimits.Default, ref scan, ref sink, out int consumed, out _) != ParseStatus.Done)
            throw new InvalidOperationException("The head is not whole.");
        return consumed + sink.Bytes;
    }

    [Benchmark]
    public RequestHead TryRead()
    {
        HeadScan scan = default;
        RequestHead.TryRead(_head, HttpLimits.Default, ref scan, out RequestHead? head, out _, out _);
        return head!;
    }
}
