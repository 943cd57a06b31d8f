using System.Text;
using Ptth.Fuzz.Reference;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// A connection of the client's half against a relay, or an intermediary, that answers with the input. What stands before the mark
/// answers the first request, what stands behind it the second. The connection serves the second only where the reference reads one
/// whole answer before the mark and nothing behind it; each answer is the reference's; nothing hangs, and what is thrown says so.
/// </summary>
internal sealed class ClientTarget : IFuzzTarget, IDisposable
{
    private const int MostBodyBytes = 1024;

    private readonly Ticker _ticker = new(TimeProvider.System);

    /// <inheritdoc/>
    public string Name => "client";

    /// <inheritdoc/>
    public string Dictionary => "exchanges.dict";

    /// <inheritdoc/>
    public int MaxBytes => 2048;

    private static ReadOnlySpan<byte> Mark => "\n--\n"u8;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        int mark = input.IndexOf(Mark);
        byte[] first = input[..(mark < 0 ? input.Length : mark)].ToArray();
        byte[] second = mark < 0 ? [] : input[(mark + Mark.Length)..].ToArray();
        var splits = new Splits(input);
        bool streams = splits.Below(2) == 0;
        Complete.Now(RunAsync(first, second, streams, splits.Below(2) == 0 ? null : splits));
    }

    /// <inheritdoc/>
    public void Dispose() => _ticker.Dispose();

    private async Task RunAsync(byte[] first, byte[] second, bool streams, Splits? splits)
    {
        var options = new HttpClientOptions { Origin = new HttpOrigin("relay.example", 80, "relay.example"), Ticker = _ticker };
        using var client = new PtthHttpClient(options);
        // A connection that is still good when all is answered: its peer closes no sooner than it is told to.
        var channel = new ScriptedChannel([first, second, []], 0, splits);
        var connection = new ClientConnection(new Connection(channel), options);
        var request = new HttpRequest { Method = "POST", Target = "/v1/one", StreamsBody = false };
        await connection.SendAsync(request);
        var exchange = new ClientExchange(client, connection, options, streamsBody: false);
        NaiveAnswer expected = NaiveAnswer.Read(first, MostBodyBytes);
        if (!await TryFinishAsync(exchange, expected, streams))
        {
            connection.Dispose();
            return;
        }

        bool isKept = client.IdleConnections == 1 && !connection.Connection.IsStale();
        if (isKept != expected.IsReusable) throw new Finding($"the connection is {(isKept ? "kept" : "dropped")}: {expected}");
        if (!isKept) return;
        try
        {
            exchange = await client.SendAsync(request, CancellationToken.None);
        }
        catch (ExchangeException)
        {
            if (NaiveAnswer.Read(second, MostBodyBytes).IsRead) throw new Finding("the second answer is refused");
            return;
        }

        expected = NaiveAnswer.Read(second, MostBodyBytes);
        if (!expected.IsRead || exchange.Response.Status != expected.Status) throw new Finding($"the second answer is {exchange.Response.Status}: {expected}");
        exchange.Abort();
        exchange.Finish();
    }

    /// <summary>Reads the first answer; false where there is none.</summary>
    private static async Task<bool> TryFinishAsync(ClientExchange exchange, NaiveAnswer expected, bool streams)
    {
        ResponseHead head;
        try
        {
            head = await exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan);
        }
        catch (ExchangeException)
        {
            if (expected.IsRead) throw new Finding($"the answer is refused: {expected}");
            return false;
        }

        if (!expected.IsRead || head.Status != expected.Status) throw new Finding($"the answer is {head.Status}: {expected}");
        if (streams && head.Framing.Kind != BodyKind.UntilClose) await StreamAsync(exchange, expected);
        else await CollectAsync(exchange, expected);
        return true;
    }

    private static async Task CollectAsync(ClientExchange exchange, NaiveAnswer expected)
    {
        byte[]? body = await exchange.ReadBodyAsync(MostBodyBytes);
        // A body that ends with the connection is not read at all.
        if (exchange.Response.Framing.Kind == BodyKind.UntilClose) return;
        if ((body is null) != (expected.Body is null) || (body is not null && !body.AsSpan().SequenceEqual(expected.Body)))
            throw new Finding($"the body is {(body is null ? "none" : Encoding.Latin1.GetString(body))}: {expected}");
    }

    private static async Task StreamAsync(ClientExchange exchange, NaiveAnswer expected)
    {
        var received = new ScriptedChannel([], 0, null);
        FlowResult result = await new Flow(exchange.OpenResponseBody(), new RawSink(received)).RunAsync();
        if (result.IsClean != received.HasSentEnd || result.IsClean != expected.BodyEnds) throw new Finding($"the stream ends with {result.End}: {expected}");
        if (result.IsClean)
        {
            exchange.EndResponseBody();
            if (expected.Body is not null && !received.Sent.SequenceEqual(expected.Body)) throw new Finding($"the stream has other bytes: {expected}");
        }
        else
        {
            exchange.Abort();
        }

        exchange.Finish();
    }
}
