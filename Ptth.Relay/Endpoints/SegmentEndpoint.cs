using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary>
/// <c>POST upstream/{id}</c> and <c>POST downstream/{id}</c> with an offset: a part of one party's bytes, which with others makes the stream
/// that the receiver sees. What is counted is what was handed on, also of a part that broke off.
/// </summary>
internal sealed class SegmentEndpoint(RelayContext context)
{
    /// <summary>
    /// How long whoever asks waits until the segment before has ended, which a receiver that takes nothing can keep from it: less than senders
    /// and intermediaries wait for an answer.
    /// </summary>
    private static readonly TimeSpan AskBound = TimeSpan.FromSeconds(2);

    private static readonly byte[] OffsetField = PtthHeaders.Offset.ToArray();

    /// <summary>Whether the request is a segment's.</summary>
    public static bool IsSegment(RequestHead request) => request.Fields.CountOf(OffsetField) > 0;

    public async ValueTask HandleAsync(ServerExchange exchange, Tunnel tunnel, TunnelDirection direction)
    {
        FieldList fields = exchange.Request.Fields;
        if (!fields.TryGetSingle(OffsetField, out ReadOnlySpan<byte> value) || !SegmentOffset.TryParse(value, out long offset))
        {
            await exchange.RespondAsync(Problems.BadOffset);
            return;
        }

        JoinResult joined = tunnel.TryJoinSegment(direction, out SegmentLane? lane);
        if (joined != JoinResult.Joined)
        {
            await exchange.RespondAsync(joined == JoinResult.Taken ? Problems.Taken : Problems.Gone);
            return;
        }

        Task<bool> turn = lane!.EnterAsync(exchange);
        if (!exchange.Request.Framing.HasBody && !await ComesInTimeAsync(turn) && lane.TryWithdraw(exchange))
        {
            await exchange.RespondAsync(Problems.NotYetKnown with { Fields = FieldsOf(direction) });
            return;
        }

        if (!await turn)
        {
            exchange.Abort();
            return;
        }

        HttpResponse? answer;
        try
        {
            answer = await TakeAsync(exchange, tunnel, direction, offset, fields.HasToken(PtthHeaders.Last, "yes"u8));
        }
        finally
        {
            lane.Leave();
        }

        if (answer is null) exchange.Abort();
        else if (answer.Status != 400) await exchange.RespondAsync(answer);
        else
        {
            tunnel.Fail(direction == tunnel.Up ? TunnelEnd.ClientInvalid : TunnelEnd.ServerInvalid);
            await exchange.RespondInvalidBodyAsync(answer);
        }
    }

    private async ValueTask<bool> ComesInTimeAsync(Task<bool> turn)
    {
        if (turn.IsCompleted) return true;
        await ((Task)turn).WaitAsync(AskBound, context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return turn.IsCompleted;
    }

    /// <summary>Takes a segment whose turn it is; null where it or the tunnel broke off.</summary>
    private async ValueTask<HttpResponse?> TakeAsync(ServerExchange exchange, Tunnel tunnel, TunnelDirection direction, long offset, bool isLast)
    {
        // One without anything asks how far the others got; so does one that comes again behind the end.
        bool asks = !exchange.Request.Framing.HasBody && !(isLast && offset == direction.Bytes);
        if (asks || direction.HasEndedCleanly) return At(direction);
        if (offset != direction.Bytes) return Problems.WrongOffset with { Fields = FieldsOf(direction) };

        FlowResult result;
        long before = direction.Bytes;
        try
        {
            result = await direction.RunSegmentAsync(await exchange.OpenBodyAsync(), isLast);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // It was broken off before its body was asked for.
            result = new FlowResult(FlowEnd.SourceFailed, 0);
        }

        switch (result.End)
        {
            case FlowEnd.Clean:
                exchange.EndBody();
                return At(direction);
            case FlowEnd.SourceInvalid:
                RelayLog.InvalidStream(context.Logger, exchange.RemoteEndPoint, result.Violation);
                return Problems.OfViolation(result.Violation);
            case FlowEnd.SourceFailed:
                long resumeBy = context.Ticker.DeadlineIn(context.Config.Timeouts.Attach);
                if (!direction.Segments!.TryBreak(direction.Bytes - before, resumeBy))
                    tunnel.Fail(direction == tunnel.Up ? TunnelEnd.ClientBroke : TunnelEnd.ServerBroke);
                return null;
            default:
                return null;
        }
    }

    private static HttpResponse At(TunnelDirection direction) => new() { Status = 200, Fields = FieldsOf(direction) };

    private static HttpField[] FieldsOf(TunnelDirection direction) => [new HttpField(OffsetField, SegmentOffset.Format(direction.Bytes))];
}
