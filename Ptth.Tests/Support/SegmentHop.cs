using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>
/// A hop between proxies and what is in front of their relay that does harm to segments alone: it reads the head of each request, and cuts
/// no connection while that carries another one. Where segments go may be elsewhere than where the others go.
/// </summary>
internal sealed class SegmentHop : IDisposable
{
    private readonly TcpService _service = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly IPEndPoint _to;
    private readonly IPEndPoint _segmentsTo;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly HashSet<SegmentHopConnection> _connections = [];

    /// <summary>Starts to serve.</summary>
    /// <param name="to">Where requests go.</param>
    /// <param name="segmentsTo">Where segments go.</param>
    /// <param name="seed">Of the places of its cuts.</param>
    public SegmentHop(IPEndPoint to, IPEndPoint segmentsTo, int seed)
    {
        _to = to;
        _segmentsTo = segmentsTo;
        _random = new Random(seed);
        _service.ServeEach(ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _service.EndPoint;

    /// <summary>Decides about each segment; is told its number, from 0, and whether it is its stream's last. It may draw from the random numbers.</summary>
    public Func<Random, long, bool, SegmentFault> Fault { get; set; } = static (_, _, _) => SegmentFault.None;

    /// <summary>How many segments have come.</summary>
    public long Segments { get; private set; }

    /// <summary>How many of them did not get through, or were not answered.</summary>
    public long Lost { get; private set; }

    /// <summary>How many found nobody where they go.</summary>
    public long Refused { get; private set; }

    /// <summary>Cuts all connections that carry a segment now.</summary>
    public void CutSegments()
    {
        SegmentHopConnection[] cut;
        lock (_lock) cut = [.. _connections.Where(static connection => connection.CarriesSegment)];
        foreach (SegmentHopConnection connection in cut) connection.Cut();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Cancel();
        _service.Dispose();
        _ended.Dispose();
    }

    private async Task ServeAsync(Socket client)
    {
        using var connection = new SegmentHopConnection(client, _to, _segmentsTo, Choose, _ended.Token);
        lock (_lock) _connections.Add(connection);
        try
        {
            await connection.RunAsync();
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Whatever ended one side ends both.
            connection.Cut();
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
                if (connection.CarriesSegment) Lost++;
                if (connection.WasRefused) Refused++;
            }
        }
    }

    /// <summary>Decides where a segment of so many bytes with its head is cut, and whether its answer is lost.</summary>
    private (int? CutAt, bool LosesAnswer) Choose(int bytes, bool isLast)
    {
        lock (_lock)
        {
            SegmentFault fault = Fault(_random, Segments++, isLast);
            return (fault == SegmentFault.Cut ? _random.Next(bytes) : null, fault == SegmentFault.AnswerLost);
        }
    }
}
