using System.Net;
using System.Text.Json;
using Ptth.Relay.Admin.Status;

namespace Ptth.Tests.Support;

/// <summary>What a running relay says of itself at its admin listener.</summary>
internal static class RelayStatus
{
    /// <summary>Asks for it by curl.</summary>
    public static async Task<StatusDocument> AskAsync(IPEndPoint admin, CancellationToken token)
    {
        CurlAnswer answer = await Curl.AskAsync(token, $"http://{admin}/api/v1/status");
        return JsonSerializer.Deserialize(answer.Body, StatusJson.Default.StatusDocument)!;
    }
}
