using System.Net;
using System.Net.Sockets;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>Opens TCP connections by name, one address after the other (RFC 6724 order, as the resolver gives it).</summary>
public static class TcpDialer
{
    /// <summary>Addresses of one name that are tried: more than a sane name has, few enough for one time-out.</summary>
    private const int MaxAddresses = 8;

    /// <summary>Connects.</summary>
    /// <param name="host">A name or an IP address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="timeout">Infinite, or for all of it: resolving and every address. The time that is left is shared by the addresses left.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the attempt with <see cref="OperationCanceledException"/>.</param>
    public static Task<DialResult> DialAsync(string host, int port, TimeSpan timeout, TimeProvider time, CancellationToken cancellation) =>
        DialAsync(host, port, timeout, waited: TimeSpan.Zero, time, cancellation);

    /// <summary>The same, of one who has waited for an answer before.</summary>
    /// <param name="host">As above.</param>
    /// <param name="port">As above.</param>
    /// <param name="timeout">As above.</param>
    /// <param name="waited">How long already: a failure tells of both.</param>
    /// <param name="time">As above.</param>
    /// <param name="cancellation">As above.</param>
    internal static async Task<DialResult> DialAsync(string host, int port, TimeSpan timeout, TimeSpan waited, TimeProvider time,
        CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        ResolvedName name = await NameResolver.ResolveAsync(host, timeout, time, cancellation);
        if (name.Failure != DialFailure.None) return new DialResult(null, name.Failure, name.Detail);
        IReadOnlyList<IPAddress> addresses = name.Addresses;
        int count = Math.Min(addresses.Count, MaxAddresses);
        var last = new DialResult(null, DialFailure.UnknownName, $"{host} has no address");
        for (int i = 0; i < count; i++)
        {
            TimeSpan share = Timeout.InfiniteTimeSpan;
            if (timeout != Timeout.InfiniteTimeSpan)
            {
                TimeSpan left = timeout - time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero) break;
                share = left / (count - i);
            }

            last = await DialAsync(new IPEndPoint(addresses[i], port), share, waited, time, cancellation);
            if (last.Socket is not null) break;
        }

        return last;
    }

    private static async Task<DialResult> DialAsync(
        IPEndPoint address, TimeSpan timeout, TimeSpan waited, TimeProvider time, CancellationToken cancellation)
    {
        using var overall = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(overall.Token, cancellation);
        Socket? socket = null;
        try
        {
            // Not possible for an address of a kind that this machine does not have.
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            TcpOptions.Set(socket, address.Address);
            await socket.ConnectAsync(address, limit.Token);
            return new DialResult(socket, DialFailure.None, "");
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            DialFailure kind = failure.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => DialFailure.Refused,
                SocketError.TimedOut => DialFailure.TimedOut,
                _ => DialFailure.Unreachable,
            };
            return new DialResult(null, kind, $"{address}: {SocketFailureText.Of(failure)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket?.Dispose();
            return new DialResult(null, DialFailure.TimedOut, $"{address}: no answer within {(waited + timeout).TotalSeconds:0.#} s");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
