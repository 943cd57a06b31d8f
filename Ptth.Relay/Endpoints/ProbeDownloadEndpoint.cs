using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST probe/download</c>: an answer that is a stream like a tunnel's, with a pause and as many bytes as are asked for, or a break in place of these.</summary>
internal sealed class ProbeDownloadEndpoint(RelayContext context)
{
    /// <summary>After so many pieces others have the thread: 1 MiB.</summary>
    private const int PiecesPerTurn = 16;

    public async ValueTask HandleAsync(ServerExchange exchange, Principal party)
    {
        ProbeOrder order = exchange.Request.Fields.TryGetSingle(PtthHeaders.Probe, out ReadOnlySpan<byte> said) ? ProbeOrder.Read(said) : default;
        CancellationToken gone = exchange.WatchPeer();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(gone, party.Key.Gone);
        // A send may wait for a receiver that takes nothing.
        using CancellationTokenRegistration onKeyGone = party.Key.Gone.UnsafeRegister(static state => ((ServerExchange)state!).Abort(), exchange);
        FlowPace? pace = context.Tunnels.PaceFor(party);
        // Nobody is to wait for a turn that is not wanted any more.
        using CancellationTokenRegistration onEnd = ends.Token.UnsafeRegister(static state => ((FlowPace?)state)?.Cancel(), pace);
        try
        {
            using ResponsePieces pieces = await exchange.StartPiecesAsync("application/octet-stream", [Abilities.Field], !order.IsBare);
            long sent = order.IsBare
                ? await BeginBareAsync(pieces, order.Pause, ends.Token)
                : await BeginAsync(pieces, order.Pause, ends.Token);
            if (order.Breaks)
            {
                exchange.Abort();
                return;
            }

            await SendAsync(pieces, sent, order.Bytes + ProbeOrder.FirstBytes, pace, ends.Token);
            await pieces.EndAsync();
            exchange.EndStream();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            exchange.Abort();
        }
        finally
        {
            pace?.End();
        }
    }

    /// <summary>The first bytes, and the pause.</summary>
    private async ValueTask<long> BeginAsync(ResponsePieces pieces, TimeSpan pause, CancellationToken ends)
    {
        await pieces.SendAsync(ProbeBytes.At(0, ProbeOrder.FirstBytes));
        await PauseAsync(pause, ends);
        return ProbeOrder.FirstBytes;
    }

    /// <summary>
    /// The same in one chunk that ends behind the pause, and whose second part is not received with its first: nginx hands the first part of a
    /// chunk on, and holds the next one back until the chunk or its buffer is full.
    /// </summary>
    private async ValueTask<long> BeginBareAsync(ResponsePieces pieces, TimeSpan pause, CancellationToken ends)
    {
        const int Part = ProbeOrder.FirstBytes / 2;
        await pieces.BeginChunkAsync(ProbeBytes.At(0, Part), 2 * Part);
        await PauseAsync(ProbeOrder.BarePause, ends);
        await pieces.ContinueChunkAsync(ProbeBytes.At(Part, Part));
        await PauseAsync(pause, ends);
        await pieces.EndChunkAsync(ProbeBytes.At(2 * Part, Part));
        return 3 * Part;
    }

    /// <summary>Waits; where the relay drains, no longer. Then the answer ends, but it was not the path that broke it.</summary>
    private async ValueTask PauseAsync(TimeSpan pause, CancellationToken ends)
    {
        using var waits = CancellationTokenSource.CreateLinkedTokenSource(ends, context.Probes.Draining);
        if (pause > TimeSpan.Zero) await Task.Delay(pause, context.Time, waits.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ends.ThrowIfCancellationRequested();
    }

    /// <summary>Sends up to so many bytes in all, for so long as they may take.</summary>
    private async ValueTask SendAsync(ResponsePieces pieces, long sent, long bytes, FlowPace? pace, CancellationToken ends)
    {
        long began = context.Time.GetTimestamp();
        for (int inTurn = 1; sent < bytes && context.Time.GetElapsedTime(began) < ProbeOrder.MaxTime; inTurn++)
        {
            ends.ThrowIfCancellationRequested();
            if (context.Probes.Draining.IsCancellationRequested) return;
            if (pace is { IsDue: true }) await pace.WaitAsync();
            ReadOnlyMemory<byte> piece = ProbeBytes.At(sent, Math.Min(bytes - sent, pace?.PieceBytes ?? long.MaxValue));
            await pieces.SendAsync(piece);
            pace?.Charge(piece.Length);
            sent += piece.Length;
            if (inTurn % PiecesPerTurn == 0) await Task.Yield();
        }
    }
}
