using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The end of a proxy: open tunnels may finish, then they are broken off.</summary>
internal static class ProxyDrain
{
    /// <summary>Waits until no tunnel is open. When <paramref name="stopping"/> comes each tunnel breaks itself off, and that is waited for too.</summary>
    public static Task UntilEmptyAsync(TunnelSet tunnels, CancellationToken stopping) =>
        // The bound is for a defect: a tunnel that is told to stop aborts its connections, which takes no time.
        stopping.IsCancellationRequested
            ? Task.WhenAny(tunnels.WhenEmptyAsync(), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None))
            : WaitAsync(tunnels, stopping);

    private static async Task WaitAsync(TunnelSet tunnels, CancellationToken stopping)
    {
        try
        {
            await tunnels.WhenEmptyAsync().WaitAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            await UntilEmptyAsync(tunnels, stopping);
        }
    }
}
