using System.Runtime.CompilerServices;
using Ptth.Relay.Rendezvous;

namespace Ptth.Tests.Support;

/// <summary>Looks into a rendezvous: how many wait there, and whether anything is left behind.</summary>
internal static class InProcessRendezvous
{
    /// <summary>How many listens wait.</summary>
    public static int WaitingListens(this InMemoryRendezvous rendezvous) => Count(rendezvous, Listens(rendezvous));

    /// <summary>How many offers wait.</summary>
    public static int WaitingOffers(this InMemoryRendezvous rendezvous) => Count(rendezvous, Offers(rendezvous));

    /// <summary>Everything that it keeps, ports and parties that nobody waits under included.</summary>
    public static int Kept(this InMemoryRendezvous rendezvous)
    {
        lock (LockOf(rendezvous))
        {
            return Taken(rendezvous).Count
                + new[] { Listens(rendezvous), Offers(rendezvous) }.Sum(static line => ByPort(line).Count + ByParty(line).Count + ByListener(line).Count);
        }
    }

    private static int Count(InMemoryRendezvous rendezvous, WaitingLine line)
    {
        lock (LockOf(rendezvous)) return ByParty(line).Values.Sum(static waiting => waiting.Count);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref Lock LockOf(InMemoryRendezvous rendezvous);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_listens")]
    private static extern ref WaitingLine Listens(InMemoryRendezvous rendezvous);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offers")]
    private static extern ref WaitingLine Offers(InMemoryRendezvous rendezvous);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_taken")]
    private static extern ref HashSet<Offer> Taken(InMemoryRendezvous rendezvous);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_byPort")]
    private static extern ref Dictionary<PortAddress, LinkedList<Waiter>> ByPort(WaitingLine line);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_byParty")]
    private static extern ref Dictionary<string, LinkedList<Waiter>> ByParty(WaitingLine line);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_byListener")]
    private static extern ref Dictionary<(PortAddress, string), Waiter> ByListener(WaitingLine line);
}
