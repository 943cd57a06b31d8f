using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Http.Client;

/// <summary>Opens connections to the origin: TCP, to the proxy where there is one; its tunnel and TLS where the origin is https.</summary>
internal sealed class OriginDialer(HttpClientOptions options)
{
    private readonly PersistentDialer _dialer = new(
        options.Proxy?.Host ?? options.Origin.Host, options.Proxy?.Port ?? options.Origin.Port, options.ConnectTimeout, options.Time);

    /// <summary>Opens one, ready for requests, within <see cref="HttpClientOptions.ConnectTimeout"/>.</summary>
    /// <exception cref="ExchangeException">None could be had.</exception>
    public async Task<ByteChannel> OpenAsync(CancellationToken cancellation)
    {
        long start = options.Time.GetTimestamp();
        SocketChannel socket = await DialAsync(cancellation);
        return options.Trust is null ? socket : await OpenTlsAsync(socket, options.Trust, options.Time.GetElapsedTime(start), cancellation);
    }

    private async Task<SocketChannel> DialAsync(CancellationToken cancellation)
    {
        DialResult dialed = await _dialer.DialAsync(cancellation);
        if (dialed.Socket is not null) return new SocketChannel(dialed.Socket);
        throw new ExchangeException(options.Proxy is null
            ? $"cannot reach the relay: {dialed.Detail}; check that it runs, and its URL"
            : ProxyRefusal.Unreachable(options.Proxy, dialed.Detail))
        {
            MayPass = dialed.Failure != DialFailure.UnknownName,
        };
    }

    private async Task<TlsChannel> OpenTlsAsync(SocketChannel socket, IServerTrust trust, TimeSpan elapsed, CancellationToken cancellation)
    {
        var channel = new TlsChannel(socket, new TlsClientHandshake(options.Origin.Host, trust));
        TimeSpan timeout = options.ConnectTimeout;
        TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout > elapsed ? timeout - elapsed : TimeSpan.Zero;
        using var overall = new CancellationTokenSource(left, options.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(overall.Token, cancellation);
        using CancellationTokenRegistration breaking = limit.Token.Register(static state => ((TlsChannel)state!).Abort(), channel);
        string late = "";
        try
        {
            if (options.Proxy is { } proxy)
            {
                late = ProxyRefusal.Late(proxy, timeout.TotalSeconds);
                await ProxyTunnel.OpenAsync(socket, proxy, options.Origin, options.Limits);
            }

            late = $"the relay did not finish the TLS handshake within {timeout.TotalSeconds:0.#} s";
            await channel.OpenAsync();
            return channel;
        }
        catch (Exception failure) when (failure is TlsException or ExchangeException)
        {
            channel.Dispose();
            cancellation.ThrowIfCancellationRequested();
            if (overall.IsCancellationRequested) throw new ExchangeException(late) { MayPass = true };
            throw failure as ExchangeException ?? new ExchangeException(failure.Message, failure) { MayPass = failure is TlsException { IsCutOff: true } };
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }
}
