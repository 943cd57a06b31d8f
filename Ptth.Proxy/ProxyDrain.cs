using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The end of a proxy: open tunnels may finish, then they are broken off.</summary>
internal static class ProxyDrain
{
    /// <summary>How long tunnels that were told to stop are waited for. A bound for a defect: aborting their connections takes no time.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    /// <summary>Waits until no tunnel is open. When <paramref name="stopping"/> comes each tunnel breaks itself off, and that is waited for too.</summary>
    public static async Task UntilEmptyAsync(TunnelSet tunnels, CancellationToken stopping)
    {
        Task empty = tunnels.WhenEmptyAsync();
        await empty.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await empty.WaitAsync(LongestStop, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
