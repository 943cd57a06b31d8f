using Microsoft.Extensions.Logging;

namespace Ptth.Proxy.Reloading;

/// <summary>How a proxy is asked to read its configuration again.</summary>
/// <param name="Register">Has an action called at each SIGHUP, one call after the other, until what it returns is disposed.</param>
/// <param name="Read">Reads the configuration, as it was read at the start.</param>
/// <param name="HasFile">Whether there is a configuration file; without one only the key's file can have changed.</param>
internal sealed record ProxyReload<TConfig>(Func<Action, IDisposable> Register, Func<TConfig> Read, bool HasFile)
{
    /// <summary>Says what came of it.</summary>
    /// <param name="logger">Where.</param>
    /// <param name="changes">What has changed.</param>
    /// <param name="needRestart">The keys that differ and cannot change while the proxy runs.</param>
    public void Tell(ILogger logger, IReadOnlyList<string> changes, IEnumerable<string> needRestart)
    {
        string told = changes.Count == 0 ? "nothing has changed" : string.Join(", ", changes);
        if (HasFile) ProxyLog.Reloaded(logger, told);
        else ProxyLog.KeyReloaded(logger, told);
        string keys = string.Join(", ", needRestart);
        if (keys.Length > 0) ProxyLog.NeedsRestart(logger, keys);
    }
}
