using Ptth.Common.Protocol;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST probe/download</c>: an answer that is a stream like a tunnel's, with a pause and as many bytes as are asked for.</summary>
internal sealed class ProbeDownloadEndpoint(RelayContext context)
{
    /// <summary>After so many pieces others have the thread: 1 MiB.</summary>
    private const int PiecesPerTurn = 16;

    public async ValueTask HandleAsync(ServerExchange exchange, Principal party)
    {
        ProbeOrder order = exchange.Request.Fields.TryGetSingle(PtthHeaders.Probe, out ReadOnlySpan<byte> said) ? ProbeOrder.Read(said) : default;
        CancellationToken gone = exchange.WatchPeer();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(gone, party.Key.Gone);
        try
        {
            using ResponsePieces pieces = await exchange.StartPiecesAsync("application/octet-stream", [Abilities.Field], !order.IsBare);
            await pieces.SendAsync(ProbeBytes.At(0, ProbeOrder.FirstBytes));
            if (await PauseAsync(order.Pause, ends.Token)) await SendAsync(pieces, order.Bytes, ends.Token);
            await pieces.EndAsync();
            exchange.EndStream();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            exchange.Abort();
        }
    }

    /// <summary>Waits; false where the relay drains. Then the answer ends, but it was not the path that broke it.</summary>
    private async ValueTask<bool> PauseAsync(TimeSpan pause, CancellationToken ends)
    {
        using var waits = CancellationTokenSource.CreateLinkedTokenSource(ends, context.Probes.Draining);
        if (pause > TimeSpan.Zero) await Task.Delay(pause, context.Time, waits.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ends.ThrowIfCancellationRequested();
        return !context.Probes.Draining.IsCancellationRequested;
    }

    private async ValueTask SendAsync(ResponsePieces pieces, long bytes, CancellationToken ends)
    {
        long began = context.Time.GetTimestamp();
        long sent = 0;
        for (int inTurn = 1; sent < bytes && context.Time.GetElapsedTime(began) < ProbeOrder.MaxTime; inTurn++)
        {
            ends.ThrowIfCancellationRequested();
            if (context.Probes.Draining.IsCancellationRequested) return;
            ReadOnlyMemory<byte> piece = ProbeBytes.At(ProbeOrder.FirstBytes + sent, bytes - sent);
            await pieces.SendAsync(piece);
            sent += piece.Length;
            if (inTurn % PiecesPerTurn == 0) await Task.Yield();
        }
    }
}
