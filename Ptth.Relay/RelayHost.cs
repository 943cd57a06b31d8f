using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Relay.Configuration;

namespace Ptth.Relay;

/// <summary>The running relay.</summary>
internal static class RelayHost
{
#pragma warning disable IDE0060 // The engine takes its parameters.
    /// <summary>Runs until the lifetime ends it; the program's exit code.</summary>
    public static Task<int> RunAsync(RelayConfig config, TimeSpan drain, ILoggerFactory loggers, ProcessLifetime lifetime) =>
        Task.FromResult(ExitCodes.Ok);
#pragma warning restore IDE0060
}
