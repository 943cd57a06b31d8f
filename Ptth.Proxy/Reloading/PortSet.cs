using Ptth.Common.Hosting;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Reloading;

/// <summary>The ports that a server-side proxy offers, each with its listens at the relay. A tunnel that was begun belongs to none of them any more.</summary>
/// <param name="lifetime">Ends all of them.</param>
internal sealed class PortSet(ProcessLifetime lifetime)
{
    private readonly Lock _lock = new();
    private readonly List<OfferedPort> _offered = [];

    /// <summary>The listens of all ports.</summary>
    public IReadOnlyList<ListenLoop> Loops
    {
        get
        {
            lock (_lock) return [.. _offered.SelectMany(static offered => offered.Loops)];
        }
    }

    /// <summary>Offers these ports from now on, and no others.</summary>
    /// <param name="ports">The ports.</param>
    /// <param name="make">Makes the listens of one.</param>
    /// <param name="anew">Whether the listens of ports that stay are made anew, too.</param>
    /// <param name="changes">Gets what has changed, in words.</param>
    public void Use(IReadOnlyList<PortMapping> ports, Func<PortMapping, IReadOnlyList<ListenLoop>> make, bool anew, List<string> changes)
    {
        lock (_lock)
        {
            OfferedPort[] former = [.. _offered];
            foreach (PortMapping port in ports)
            {
                OfferedPort? present = Array.Find(former, offered => offered.Port.Name == port.Name);
                bool isSame = present is not null && Equals(present.Port, port);
                if (isSame && !anew) continue;
                if (!isSame) changes.Add($"port {port.Name} {(present is null ? "added" : "changed")}");
                // The new ones first, so that there is always one that listens.
                Offer(port, make(port));
                if (present is not null) TakeBack(present);
            }

            foreach (OfferedPort offered in former.Where(offered => ports.All(port => port.Name != offered.Port.Name)))
            {
                changes.Add($"port {offered.Port.Name} removed");
                TakeBack(offered);
            }
        }
    }

    /// <summary>Completes when nothing listens any more; to be asked once the drain has begun.</summary>
    public Task WhenEndedAsync()
    {
        lock (_lock) return Task.WhenAll(_offered.Select(static offered => offered.Listening));
    }

    private void Offer(PortMapping port, IReadOnlyList<ListenLoop> loops)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(lifetime.Draining);
        _offered.Add(new OfferedPort(port, loops, ended, Task.WhenAll(loops.Select(loop => loop.RunAsync(ended.Token, lifetime.Stopping)))));
    }

    private void TakeBack(OfferedPort offered)
    {
        _offered.Remove(offered);
        offered.Ended.Cancel();
        // Its loops still ask the token. A source without a timer holds nothing but its place in the drain's.
        _ = offered.Listening.ContinueWith(_ => offered.Ended.Dispose(), TaskScheduler.Default);
    }

    private sealed record OfferedPort(PortMapping Port, IReadOnlyList<ListenLoop> Loops, CancellationTokenSource Ended, Task Listening);
}
