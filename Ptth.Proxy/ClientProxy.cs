using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy;

/// <summary>The running client-side proxy.</summary>
internal static class ClientProxy
{
#pragma warning disable IDE0060 // The engine takes its parameters.
    /// <summary>Runs until the lifetime ends it; the program's exit code.</summary>
    public static Task<int> RunAsync(ClientProxyConfig config, TimeSpan drain, ILoggerFactory loggers, ProcessLifetime lifetime) =>
        Task.FromResult(ExitCodes.Ok);
#pragma warning restore IDE0060
}
