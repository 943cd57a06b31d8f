using System.Reflection;
using System.Text;
using System.Text.Json;
using Ptth.Common.Cli;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Server;

namespace Ptth.Relay.Endpoints;

/// <summary>
/// <c>POST probe/echo</c>: what the relay saw of the request, as JSON. Only fields that tell of what lies between: others may carry secrets
/// that an intermediary adds for the relay.
/// </summary>
internal static class ProbeEchoEndpoint
{
    private static readonly string Version = CommandLine.VersionOf(Assembly.GetExecutingAssembly());

    public static async ValueTask HandleAsync(ServerExchange exchange, Principal party, TimeProvider time)
    {
        // Not before the body's end: what lies between may close a connection whose answer comes before that, and lose the answer with it.
        if (await exchange.ReadBodyAsync(HttpLimits.Default.MaxDrainBytes) is null)
        {
            if (exchange.BodyViolation is not HttpViolation.None and var violation) await exchange.RespondInvalidBodyAsync(Problems.OfViolation(violation));
            else await exchange.RespondAsync(Problems.BodyTooLong);
            return;
        }

        RequestHead request = exchange.Request;
        FieldList fields = request.Fields;
        var echo = new ProbeEcho
        {
            Version = request.Version == ProtocolVersion.Http10 ? "1.0" : "1.1",
            Host = TextOf(fields, "Host"u8),
            TransferEncoding = TextOf(fields, "Transfer-Encoding"u8),
            ContentLength = TextOf(fields, "Content-Length"u8),
            Connection = TextOf(fields, "Connection"u8),
            Via = TextOf(fields, "Via"u8),
            Forwarded = TextOf(fields, "Forwarded"u8),
            XForwardedFor = TextOf(fields, "X-Forwarded-For"u8),
            XForwardedHost = TextOf(fields, "X-Forwarded-Host"u8),
            XForwardedProto = TextOf(fields, "X-Forwarded-Proto"u8),
            Peer = exchange.RemoteEndPoint?.ToString(),
            ConnectionNumber = exchange.ConnectionNumber,
            ConnectionRequests = exchange.ConnectionRequests,
            Party = party.IsServer ? "server" : "client",
            Name = party.Name,
            Relay = Version,
            Time = time.GetUtcNow(),
        };
        await exchange.RespondAsync(new HttpResponse
        {
            Status = 200,
            ContentType = "application/json",
            Body = JsonSerializer.SerializeToUtf8Bytes(echo, ProbeJson.Default.ProbeEcho),
            Fields = [Abilities.Field],
        });
    }

    /// <summary>All lines of a field with commas between; null where there is none.</summary>
    private static string? TextOf(FieldList fields, ReadOnlySpan<byte> name)
    {
        StringBuilder? text = null;
        for (int i = 0; i < fields.Count; i++)
        {
            if (!Ascii.EqualsIgnoreCase(fields.NameAt(i), name)) continue;
            text = text is null ? new StringBuilder() : text.Append(", ");
            text.Append(Encoding.Latin1.GetString(fields.ValueAt(i)));
        }

        if (text?.Length > ProbeEcho.MaxTextLength) text.Length = ProbeEcho.MaxTextLength;
        return text?.ToString();
    }
}
