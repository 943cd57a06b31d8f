using System.Net;
using System.Net.Sockets;

namespace Ptth.Http.Client;

/// <summary>Finds the addresses of hosts.</summary>
public static class NameResolver
{
    /// <summary>Asks the system's resolver; an IP address stands for itself.</summary>
    /// <param name="host">A name or an IP address.</param>
    /// <param name="timeout">Infinite, or how long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    public static async Task<ResolvedName> ResolveAsync(string host, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal)) return new ResolvedName([literal], DialFailure.None, "");
        using var overall = new CancellationTokenSource(timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(overall.Token, cancellation);
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, limit.Token);
            return addresses.Length > 0
                ? new ResolvedName(addresses, DialFailure.None, "")
                : new ResolvedName([], DialFailure.UnknownName, $"{host} has no address");
        }
        catch (SocketException failure)
        {
            bool isUnknown = failure.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData;
            return new ResolvedName([], isUnknown ? DialFailure.UnknownName : DialFailure.Unreachable, $"cannot resolve {host}: {SocketFailureText.Of(failure)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ResolvedName([], DialFailure.TimedOut, $"resolving {host} took longer than {timeout.TotalSeconds:0.#} s");
        }
    }
}
