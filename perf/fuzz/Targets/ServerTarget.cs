using System.Text;
using Ptth.Fuzz.Reference;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// A connection of the server's half: a request, the input, another request. The requests that are handled are those that the reference
/// finds in the bytes, in their order; each has one answer that a client can read, and behind an error comes nothing; the splits do
/// not matter; nothing hangs, nothing throws, the connection is closed in the end.
/// </summary>
/// <remarks>
/// A target that begins with <c>/echo</c> streams its body back, with <c>/watch</c> it is watched while it waits, with <c>/drop</c> it is
/// refused unread; any other has its body read whole.
/// </remarks>
internal sealed class ServerTarget : IFuzzTarget, IDisposable
{
    private const int MostBodyBytes = 1024;

    private static readonly HttpResponse Refused = new() { Status = 403, ContentType = "text/plain", Body = "no\n"u8.ToArray() };
    private static readonly HttpResponse Empty = new() { Status = 204 };

    private readonly Ticker _ticker = new(TimeProvider.System);
    private readonly HttpServerOptions _options;
    private readonly List<string> _handled = [];

    /// <summary>A target with a server of its own.</summary>
    public ServerTarget() => _options = new HttpServerOptions
    {
        Ticker = _ticker,
        Handler = HandleAsync,
        ErrorResponse = static (status, detail) => new HttpResponse { Status = status, ContentType = "text/plain", Body = Encoding.ASCII.GetBytes(detail) },
    };

    /// <inheritdoc/>
    public string Name => "server";

    /// <inheritdoc/>
    public string Dictionary => "exchanges.dict";

    /// <inheritdoc/>
    public int MaxBytes => 2048;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = [.. "GET /first HTTP/1.1\r\nHost: a\r\n\r\n"u8, .. input, .. "POST /last HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nokGET /behind HTTP/1.1\r\nHost: a\r\n\r\n"u8];
        List<string> answers = Serve(bytes, null);
        List<string> expected = NaiveExchanges.Requests(bytes);
        if (!_handled.SequenceEqual(expected))
            throw new Finding($"handled are {string.Join(", ", _handled)}: the reference has {string.Join(", ", expected)}");

        if (!Serve(bytes, new Splits(input)).SequenceEqual(answers)) throw new Finding("the answers depend on the splits");
    }

    /// <inheritdoc/>
    public void Dispose() => _ticker.Dispose();

    private List<string> Serve(byte[] bytes, Splits? splits)
    {
        _handled.Clear();
        var channel = new ScriptedChannel([bytes], 1, splits);
        int ticked = _ticker.Count;
        Complete.Now(new HttpServerConnection(new Connection(channel), _options).RunAsync());
        if (!channel.IsDisposed) throw new Finding("the connection is not closed");
        if (_ticker.Count != ticked) throw new Finding("the connection is still ticked");
        byte[] answers = channel.Sent.ToArray();
        MaskDates(answers);
        return NaiveExchanges.Answers(answers, _handled);
    }

    private async ValueTask HandleAsync(ServerExchange exchange)
    {
        RequestHead request = exchange.Request;
        _handled.Add($"{request.Method} {request.Target}");
        if (request.Target.StartsWith("/drop", StringComparison.Ordinal))
        {
            await exchange.RespondAsync(Refused);
        }
        else if (request.Target.StartsWith("/watch", StringComparison.Ordinal))
        {
            exchange.WatchPeer();
            await exchange.StopWatchAsync();
            await exchange.RespondAsync(Empty);
        }
        else if (request.Target.StartsWith("/echo", StringComparison.Ordinal) && request.Version == ProtocolVersion.Http11 && request.Method != "HEAD")
        {
            await EchoAsync(exchange);
        }
        else
        {
            byte[]? body = await exchange.ReadBodyAsync(MostBodyBytes);
            if (exchange.BodyViolation != HttpViolation.None) await exchange.RespondInvalidBodyAsync(Refused);
            else await exchange.RespondAsync(body is null ? Refused : new HttpResponse { Status = 200, Body = body });
        }
    }

    private static async ValueTask EchoAsync(ServerExchange exchange)
    {
        FlowSource source = await exchange.OpenBodyAsync();
        FlowSink sink = await exchange.StartStreamAsync([]);
        FlowResult result = await new Flow(source, sink).RunAsync();
        if (!result.IsClean)
        {
            exchange.Abort();
            return;
        }

        exchange.EndBody();
        exchange.EndStream();
    }

    // Two runs may fall into two seconds.
    private static void MaskDates(Span<byte> answers)
    {
        ReadOnlySpan<byte> field = "\r\nDate: "u8;
        for (int at = answers.IndexOf(field); at >= 0; at = answers.IndexOf(field))
        {
            answers = answers[(at + field.Length)..];
            answers[.."ddd, dd MMM yyyy HH:mm:ss GMT".Length].Fill((byte)'-');
        }
    }
}
