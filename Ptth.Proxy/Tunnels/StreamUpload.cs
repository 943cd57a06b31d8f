using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Tunnels;

/// <summary>A party's bytes as the body of one POST.</summary>
internal sealed class StreamUpload : ITunnelUpload
{
    private const int MaxAnswerBytes = 4096;

    private readonly ClientExchange _exchange;
    private readonly FlowKeepAlive? _keepAlive;
    private readonly Flow _flow;
    private readonly Action _onRefused;

    /// <summary>Takes the exchange over.</summary>
    /// <param name="local">The TCP connection.</param>
    /// <param name="exchange">The POST; its head was sent.</param>
    /// <param name="records">As <see cref="TunnelPump"/>'s.</param>
    /// <param name="onRefused">Is told where an intermediary does not take such a body (413).</param>
    public StreamUpload(SocketChannel local, ClientExchange exchange, RecordTerms? records, Action onRefused)
    {
        _exchange = exchange;
        _onRefused = onRefused;
        var source = new RawSource(local);
        if (records is not { } terms)
        {
            _flow = new Flow(source, exchange.OpenRequestBody());
            return;
        }

        RecordSink sink = exchange.OpenRequestRecords(terms.MarkEnds);
        if (terms.Seconds > 0) _keepAlive = new FlowKeepAlive(sink.SendKeepAliveAsync, TimeSpan.FromSeconds(terms.Seconds));
        _flow = new Flow(source, sink, keepAlive: _keepAlive);
    }

    /// <inheritdoc/>
    public long Bytes => _flow.Bytes;

    /// <inheritdoc/>
    public Task RunAsync(IUploadOwner owner) => Task.WhenAll(ReadAnswerAsync(owner), SendAsync(owner));

    /// <inheritdoc/>
    public void OnTick(long nowMilliseconds) => _keepAlive?.OnTick(nowMilliseconds, Bytes);

    /// <inheritdoc/>
    public void Abort() => _exchange.Abort();

    /// <inheritdoc/>
    public void Finish() => _exchange.Finish();

    private async Task SendAsync(IUploadOwner owner)
    {
        try
        {
            FlowResult result = await _flow.RunAsync();
            owner.OnSourceEnded();
            if (result.IsClean) _exchange.EndRequestBody();
            else owner.Fail(result.End == FlowEnd.SourceFailed ? TunnelEnd.LocalBroke : TunnelEnd.RelayBroke);
        }
        catch when (FailsOnDefect(owner))
        {
        }
    }

    /// <summary>
    /// Reads the answer while the upload goes on: an early error, or the connection's end, is seen at once even when there is nothing to
    /// send. A 200 comes when the relay has handed on all of it.
    /// </summary>
    private async Task ReadAnswerAsync(IUploadOwner owner)
    {
        try
        {
            ResponseHead head = await _exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan);
            if (head.Status == 413) _onRefused();
            // An answer that comes before the end is an error whatever its status: the rest would be sent to nobody.
            if (_exchange.WasAnsweredEarly || head.Status != 200 || await _exchange.ReadAnswerBodyAsync(MaxAnswerBytes) is null) owner.Fail(TunnelEnd.RelayBroke);
        }
        catch (ExchangeException)
        {
            owner.Fail(TunnelEnd.RelayBroke);
        }
        catch when (FailsOnDefect(owner))
        {
        }
    }

    /// <summary>A defect in one part ends the others too, and is thrown on: what this says is never true.</summary>
    private static bool FailsOnDefect(IUploadOwner owner)
    {
        owner.Fail(TunnelEnd.LocalBroke);
        return false;
    }
}
