namespace Ptth.Http.Transport.Tls;

/// <summary>
/// Bounds how many handshakes compute at a time, in this process. A signature or the check of a chain takes up to milliseconds: more
/// than a socket engine's thread may be held for, so they run in the thread pool, and as much as the processors have if everybody
/// connected at once.
/// </summary>
/// <remarks>
/// A place is taken while a handshake computes, never while it waits for its peer: peers that stop keep nobody out. How many wait for a
/// place is bounded by the connections that there may be.
/// </remarks>
internal static class TlsHandshakeGate
{
    /// <summary>Half the processors: the others move the bytes of tunnels that are open already.</summary>
    public static readonly int Places = Math.Max(1, Environment.ProcessorCount / 2);

    private static readonly SemaphoreSlim Room = new(Places, Places);

    /// <summary>Goes over to the thread pool and takes a place there.</summary>
    public static async ValueTask EnterAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await Room.WaitAsync().ConfigureAwait(false);
    }

    /// <summary>Gives the place back.</summary>
    public static void Leave() => Room.Release();
}
