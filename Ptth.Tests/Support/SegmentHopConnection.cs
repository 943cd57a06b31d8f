using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>One connection through a <see cref="SegmentHop"/>: requests with a length, one after the other, and on the way back whatever comes.</summary>
/// <param name="client">The connection.</param>
/// <param name="to">Where requests go.</param>
/// <param name="segmentsTo">Where segments go.</param>
/// <param name="choose">Decides about a segment of so many bytes, which may be its stream's last: where it is cut, and whether its answer is lost.</param>
/// <param name="token">Ends it.</param>
internal sealed class SegmentHopConnection(
    Socket client, IPEndPoint to, IPEndPoint segmentsTo, Func<int, bool, (int? CutAt, bool LosesAnswer)> choose, CancellationToken token) : IDisposable
{
    private readonly InProcessPeer _requests = new(client);
    private Socket? _others;
    private Socket? _segments;
    private volatile Socket? _current;
    private volatile bool _carriesSegment;
    private volatile bool _losesAnswer;

    /// <summary>Whether what it carries, or carried last, is a segment that was not answered.</summary>
    public bool CarriesSegment => _carriesSegment;

    /// <summary>Whether nobody was there where it goes.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>Moves requests until either side ends.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            PeerMessage request = await _requests.ReadHeadAsync(token);
            byte[] body = request["Content-Length"] is { } length
                ? await _requests.ReadExactlyAsync(int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture), token)
                : [];
            byte[] bytes = [.. Encoding.Latin1.GetBytes(request.Head), .. body];
            bool isSegment = request["Ptth-Offset"] is not null;
            (int? cutAt, bool losesAnswer) = isSegment ? choose(bytes.Length, request["Ptth-Last"] is not null) : (null, false);
            _losesAnswer = losesAnswer;
            _carriesSegment = isSegment;
            _current = isSegment ? _segments ??= await OpenAsync(segmentsTo) : _others ??= await OpenAsync(to);
            await _current.SendAllAsync(bytes.AsMemory(0, cutAt ?? bytes.Length), token);
            if (cutAt is null) continue;
            Cut();
            return;
        }
    }

    /// <summary>Resets it on both sides.</summary>
    public void Cut()
    {
        client.Reset();
        _segments?.Reset();
        _others?.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        _segments?.Dispose();
        _others?.Dispose();
    }

    private async Task<Socket> OpenAsync(IPEndPoint endPoint)
    {
        try
        {
            Socket leg = await TcpStreams.ConnectAsync(endPoint, token);
            _ = AnswerAsync(leg);
            return leg;
        }
        catch (SocketException)
        {
            WasRefused = true;
            throw;
        }
    }

    private async Task AnswerAsync(Socket leg)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await leg.ReceiveAsync(buffer, token)) > 0 && !_losesAnswer;)
            {
                // An answer comes whole, in front of the next request.
                _carriesSegment = false;
                await client.SendAllAsync(buffer.AsMemory(0, read), token);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            leg.Dispose();
        }

        // Nobody misses one that is at rest while the other is asked.
        if (leg == _current) Cut();
        else if (leg == _segments) _segments = null;
    }
}
