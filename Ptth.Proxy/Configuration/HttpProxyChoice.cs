using Ptth.Common.Net;

namespace Ptth.Proxy.Configuration;

/// <summary>The HTTP proxy on the way to the relay, and who said so.</summary>
/// <param name="Url">The proxy.</param>
/// <param name="Source">An option, a key of the configuration or a variable of the environment, for the log.</param>
internal sealed record HttpProxyChoice(HttpProxyUrl Url, string Source);
