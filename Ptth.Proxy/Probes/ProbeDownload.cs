using System.Buffers;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Flow;

namespace Ptth.Proxy.Probes;

/// <summary>The answer to a <c>probe/download</c>, as it comes.</summary>
internal sealed class ProbeDownload
{
    /// <summary>How many bytes are received at a time.</summary>
    private const int BufferBytes = 64 * 1024;

    private static readonly byte[] OrderField = PtthHeaders.Probe.ToArray();

    private readonly ClientExchange _exchange;
    private readonly BodyPieces _body;
    private BodyStep _step = BodyStep.More;

    private ProbeDownload(ClientExchange exchange)
    {
        _exchange = exchange;
        _body = new BodyPieces(exchange.OpenResponseBody());
    }

    /// <summary>Who answered, or handed the answer on.</summary>
    public PathAnswer Answer => PathAnswer.Of(_exchange.Response);

    /// <summary>How many bytes have come.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether they are others than were sent.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>The field that says what is asked for.</summary>
    public static HttpField FieldOf(ProbeOrder order) => new(OrderField, order.Describe());

    /// <summary>Asks for it.</summary>
    /// <exception cref="ProbeRefusedException">It was refused.</exception>
    /// <exception cref="ExchangeException">There is no usable answer.</exception>
    public static async Task<ProbeDownload> OpenAsync(ProbeRun run, ProbeOrder order) =>
        new(await run.GetAsync(PtthPaths.ProbeDownload, order.Pause, FieldOf(order)));

    /// <summary>An answer that has come already.</summary>
    /// <exception cref="ExchangeException">Its end could not be told from a break.</exception>
    public static ProbeDownload Of(ClientExchange exchange) => new(exchange);

    /// <summary>Reads until more than <paramref name="bytes"/> have come in all, or the body has ended.</summary>
    /// <returns>Whether more may come; else how it ended.</returns>
    public async Task<BodyStep> ReadPastAsync(long bytes)
    {
        while (_step == BodyStep.More && Bytes <= bytes)
        {
            await _body.WaitAsync();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                (_step, int read) = await _body.ReadReadyAsync(buffer);
                IsChanged |= !ProbeBytes.AreAt(Bytes, buffer.AsSpan(0, read));
                Bytes += read;
                if (_step == BodyStep.End) _exchange.EndResponseBody();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return _step;
    }
}
