using System.Buffers;
using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Probes;

namespace Ptth.Relay.Endpoints;

/// <summary>
/// <c>POST probe/stream</c> takes a body as a tunnel's upstream does, and <c>POST probe/reports</c> tells meanwhile how far it has come: on
/// exchanges of their own, since an exchange whose two bodies stream at once is more than intermediaries have to bear for a tunnel.
/// </summary>
internal sealed class ProbeStreamEndpoint(RelayContext context)
{
    /// <summary>How many bytes are received at a time.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>After so many pieces others have the thread: 1 MiB at most.</summary>
    private const int PiecesPerTurn = 16;

    /// <summary>How long a pair may live: the longest pause of a body, and time for all of its bytes before it and behind it.</summary>
    private static readonly TimeSpan MaxLife = ProbeOrder.MaxPause + (3 * ProbeOrder.MaxTime);

    private static readonly byte[] ConnectionField = PtthHeaders.Connection.ToArray();
    private static readonly byte[] OffsetField = PtthHeaders.Offset.ToArray();

    /// <summary>Reports until the body has ended.</summary>
    public async ValueTask HandleReportsAsync(ServerExchange exchange, Principal party)
    {
        var pair = new ProbePair(party, exchange, context.Ticker.DeadlineIn(context.Config.Timeouts.Attach), context.Ticker.DeadlineIn(MaxLife));
        ConnectionId id = context.Probes.Add(pair);
        CancellationToken gone = exchange.WatchPeer();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(gone, party.Key.Gone);
        using CancellationTokenRegistration onDraining =
            context.Probes.Draining.UnsafeRegister(static state => ((ProbePair)state!).End(ProbeReportEnd.Draining), pair);
        context.Ticker.Add(pair);
        try
        {
            using ResponsePieces pieces = await exchange.StartPiecesAsync(
                "application/octet-stream", [new HttpField(ConnectionField, id.ToString()), context.Identity, Abilities.Field]);
            await pair.StartAsync(pieces);
            await pair.Ended.WaitAsync(ends.Token);
            await pair.FinishAsync();
            exchange.EndStream();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            pair.End(ProbeReportEnd.Broken);
            exchange.Abort();
        }
        finally
        {
            context.Ticker.Remove(pair);
            context.Probes.Remove(id);
        }
    }

    /// <summary>Receives the body of a pair that was begun.</summary>
    public async ValueTask HandleAsync(ServerExchange exchange, Principal party)
    {
        if (FindPair(exchange, party) is not { } pair)
        {
            await exchange.RespondAsync(Problems.UnknownId);
            return;
        }

        if (!pair.TryJoin(exchange))
        {
            await exchange.RespondAsync(Problems.Taken);
            return;
        }

        ProbeReportEnd end = ProbeReportEnd.Broken;
        BodyPieces? body = null;
        FlowPace? pace = context.Tunnels.PaceFor(party);
        try
        {
            body = new BodyPieces(await exchange.OpenBodyAsync());
            end = await ReceiveAsync(body, pair, pace);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // Its own connection, or the one of the reports.
        }
        finally
        {
            pace?.End();
        }

        if (end == ProbeReportEnd.Clean) exchange.EndBody();
        pair.End(end);
        if (end == ProbeReportEnd.Clean)
            await exchange.RespondAsync(new HttpResponse { Status = 200, Fields = [new HttpField(OffsetField, SegmentOffset.Format(pair.Bytes)), Abilities.Field] });
        else if (end == ProbeReportEnd.Invalid) await exchange.RespondInvalidBodyAsync(Problems.OfViolation(body!.Violation));
        else exchange.Abort();
    }

    private ProbePair? FindPair(ServerExchange exchange, Principal party) =>
        exchange.Request.Fields.TryGetSingle(ConnectionField, out ReadOnlySpan<byte> text)
        && ConnectionId.TryParse(Encoding.Latin1.GetString(text), out ConnectionId id)
            ? context.Probes.Find(id, party)
            : null;

    private static async ValueTask<ProbeReportEnd> ReceiveAsync(BodyPieces body, ProbePair pair, FlowPace? pace)
    {
        for (int inTurn = 1; ; inTurn++)
        {
            if (pace is { IsDue: true }) await pace.WaitAsync();
            await body.WaitAsync();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                (BodyStep step, int bytes) = await body.ReadReadyAsync(buffer.AsMemory(0, Math.Min(buffer.Length, pace?.PieceBytes ?? int.MaxValue)));
                pace?.Charge(bytes);
                if (bytes > 0) await pair.NoteAsync(buffer.AsSpan(0, bytes));
                if (pair.Bytes > ProbeOrder.MaxBytes) return ProbeReportEnd.Bound;
                if (step != BodyStep.More) return EndOf(step);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            if (inTurn % PiecesPerTurn == 0) await Task.Yield();
        }
    }

    private static ProbeReportEnd EndOf(BodyStep step) => step switch
    {
        BodyStep.End => ProbeReportEnd.Clean,
        BodyStep.Invalid => ProbeReportEnd.Invalid,
        _ => ProbeReportEnd.Broken,
    };
}
