using System.Text;
using System.Text.Json;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Relay.Admin.Status;

namespace Ptth.Relay.Admin.Client;

/// <summary>Asks a relay's admin listener for its status, on one connection that is kept.</summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>A thousand tunnels with the longest names and 256 ports for each of many servers are some megabytes.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    // What a refusal's text may take of an error message.
    private const int MaxRefusalChars = 300;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly byte[] AuthorizationField = "Authorization"u8.ToArray();

    private readonly HostPort _address;
    private readonly Ticker _ticker;
    private readonly PtthHttpClient _http;
    private readonly HttpRequest _request;

    /// <summary>Connects with the first request.</summary>
    /// <param name="address">Where the admin listener is.</param>
    /// <param name="key">Its key, where it has one.</param>
    /// <param name="time">The clock.</param>
    public AdminClient(HostPort address, PtthKey? key, TimeProvider time)
    {
        _address = address;
        _ticker = new Ticker(time);
        _http = new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin(address.Host, address.Port, address.ToString()),
            Ticker = _ticker,
            Time = time,
            ConnectTimeout = ConnectTimeout,
            ResponseHeadTimeout = AnswerTimeout,
            MaxIdleConnections = 1,
        });
        _request = new HttpRequest
        {
            Method = "GET",
            Target = "/api/v1/status",
            Fields = key is null ? [] : [new HttpField(AuthorizationField, $"{PtthHeaders.BearerScheme} {key.Reveal()}")],
            IsIdempotent = true,
        };
    }

    /// <summary>The status as it came, JSON on one line, and what it says.</summary>
    /// <exception cref="AdminException">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<(byte[] Json, StatusDocument Status)> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            ClientExchange exchange = await _http.SendAsync(_request, cancellation);
            int status = exchange.Response.Status;
            byte[]? body = await exchange.ReadBodyAsync(MaxBytes);
            if (status != 200) throw new AdminException(Explain(status, body ?? []));
            return (body!, JsonSerializer.Deserialize(body, StatusJson.Default.StatusDocument) ?? throw new JsonException());
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            throw new AdminException($"no answer from {_address}: check that the relay runs and has `admin = \"{_address}\"` in its configuration; "
                + $"--admin or --config FILE name another address ({failure.Message})");
        }
        catch (JsonException)
        {
            throw new AdminException($"{_address} answered something that is not a relay's status: check the address; it must be that of `admin` in the relay's configuration");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _ticker.Dispose();
    }

    private string Explain(int status, byte[] body)
    {
        string said = Encoding.UTF8.GetString(body).Trim();
        string shown = new([.. said.Take(MaxRefusalChars).Select(static c => char.IsControl(c) ? ' ' : c)]);
        string remedy = status switch
        {
            401 when _request.Fields.Count > 0 => "; the key that was given is not the one of admin_key_hash: compare `ptth-relay hash < FILE`",
            401 => "; give the key of admin_key_hash by --key-file, or in the environment variable PTTH_ADMIN_KEY",
            404 or 405 => "; check the address: it must be that of `admin` in the relay's configuration, not one that it listens on for proxies",
            _ => "",
        };
        return $"{_address} answered {status}{(shown.Length > 0 ? $" ({shown})" : "")}{remedy}";
    }
}
