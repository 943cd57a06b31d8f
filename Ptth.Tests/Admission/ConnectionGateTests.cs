using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Admission;

/// <summary>Who is let in, and who has to go for it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ConnectionGateTests : InProcessTest
{
    private static readonly RelayLimits Wide = new()
    {
        MaxConnections = 100,
        MaxConnectionsPerAddress = 100,
        MaxUnauthenticatedConnections = 100,
        MaxUnauthenticatedPerAddress = 100,
    };

    private readonly FakeTimeProvider _time = new();
    private readonly List<(PeerAddress Address, TurnedAway Bound)> _turnedAway = [];

    [Test]
    public void An_address_that_has_its_unauthenticated_connections_loses_the_oldest()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedPerAddress = 2 });
        Guest first = Enter(gate, 1), second = Enter(gate, 1), other = Enter(gate, 2);
        Assert.That(_turnedAway, Is.Empty);

        Guest third = Enter(gate, 1);

        Assert.That((first.IsOpen, second.IsOpen, third.IsOpen, other.IsOpen), Is.EqualTo((false, true, true, true)));
        Assert.That((gate.Count, gate.Unauthenticated), Is.EqualTo((3, 3)));
        Assert.That(_turnedAway, Is.EqualTo(new[] { (Address(1), TurnedAway.UnauthenticatedOfAddress) }));
    }

    [Test]
    public void A_known_key_takes_a_connection_out_of_the_crowd()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedPerAddress = 2 });
        Guest first = Enter(gate, 1), second = Enter(gate, 1);
        gate.OnAuthenticated(first.Connection!);
        gate.OnAuthenticated(first.Connection!);
        Enter(gate, 1);
        Assert.That(_turnedAway, Is.Empty);
        Enter(gate, 1);

        Assert.That((first.IsOpen, second.IsOpen, gate.Count, gate.Unauthenticated), Is.EqualTo((true, false, 3, 2)));
    }

    [Test]
    public void A_trusted_proxy_s_connections_are_no_crowd()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedPerAddress = 2, MaxConnectionsPerAddress = 2, MaxUnauthenticatedConnections = 5 });
        Guest[] behind = [Enter(gate, 1, isTrusted: true), Enter(gate, 1, isTrusted: true), Enter(gate, 1, isTrusted: true)];
        Guest first = Enter(gate, 2);
        Enter(gate, 2);
        Assert.That(_turnedAway, Is.Empty);
        _time.Advance(TimeSpan.FromSeconds(1));

        // All places are taken: the address with two pays, not the proxy, which has three; when all have one, the oldest does.
        Enter(gate, 3);
        Assert.That((first.IsOpen, behind.All(static guest => guest.IsOpen)), Is.EqualTo((false, true)));
        Enter(gate, 4);
        Assert.That(behind.Select(static guest => guest.IsOpen), Is.EqualTo(new[] { false, true, true }));

        foreach (Guest guest in behind) gate.Leave(guest.Connection!);
        Assert.That((gate.Count, Groups(gate).Keys), Is.EqualTo((3, new[] { Address(2), Address(3), Address(4) })));
    }

    [Test]
    public void When_all_places_are_taken_the_address_with_the_most_loses_its_oldest()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedConnections = 6 });
        Guest single = Enter(gate, 1);
        Guest[] crowd = [Enter(gate, 2), Enter(gate, 2), Enter(gate, 2)];
        Guest[] pair = [Enter(gate, 3), Enter(gate, 3)];
        _time.Advance(TimeSpan.FromSeconds(1));

        Guest newcomer = Enter(gate, 4);
        Assert.That((crowd[0].IsOpen, newcomer.IsOpen), Is.EqualTo((false, true)));
        // Two with two now: the one that came to that number first.
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter(gate, 5);
        Assert.That((pair[0].IsOpen, crowd[1].IsOpen), Is.EqualTo((false, true)));
        Enter(gate, 6);
        Assert.That(crowd[1].IsOpen, Is.False);
        // All have one: the one that came to that first.
        Enter(gate, 7);

        Assert.That((single.IsOpen, newcomer.IsOpen, gate.Count, gate.Unauthenticated), Is.EqualTo((false, true, 6, 6)));
        Assert.That(_turnedAway.Select(static one => one.Bound), Is.All.EqualTo(TurnedAway.Unauthenticated));
        Assert.That(_turnedAway.Select(static one => one.Address), Is.EqualTo(new[] { Address(2), Address(3), Address(2), Address(1) }));
    }

    [Test]
    public void Those_that_came_only_just_now_are_not_judged_by_their_number()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedConnections = 5 });
        Guest first = Enter(gate, 1), second = Enter(gate, 2);
        _time.Advance(TimeSpan.FromSeconds(10));
        Guest[] burst = [Enter(gate, 3), Enter(gate, 3), Enter(gate, 3)];
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));

        Enter(gate, 4);
        Enter(gate, 5);
        Assert.That((first.IsOpen, second.IsOpen, burst.Count(static guest => guest.IsOpen)), Is.EqualTo((false, false, 3)));
        _time.Advance(TimeSpan.FromTicks(1));
        Enter(gate, 6);

        Assert.That(burst.Select(static guest => guest.IsOpen), Is.EqualTo(new[] { false, true, true }));
    }

    [Test]
    public void The_bound_of_all_connections_displaces_only_who_has_shown_no_key()
    {
        ConnectionGate gate = Gate(Wide with { MaxConnections = 3, MaxConnectionsPerAddress = 3 });
        Guest[] known = [Enter(gate, 1), Enter(gate, 1)];
        foreach (Guest guest in known) gate.OnAuthenticated(guest.Connection!);
        Guest stranger = Enter(gate, 2);

        Guest next = Enter(gate, 3);
        Assert.That((stranger.IsOpen, next.IsOpen), Is.EqualTo((false, true)));
        gate.OnAuthenticated(next.Connection!);
        Guest last = Enter(gate, 3);

        Assert.That((last.Connection, last.IsOpen, gate.Count), Is.EqualTo(((AdmittedConnection?)null, false, 3)));
        Assert.That(known.Select(static guest => guest.IsOpen), Is.All.True);
        Assert.That(_turnedAway, Is.EqualTo(new[] { (Address(2), TurnedAway.Connections), (Address(3), TurnedAway.Connections) }));
        gate.Leave(known[0].Connection!);
        Assert.That(Enter(gate, 3).IsOpen, Is.True);
    }

    [Test]
    public void An_address_that_has_all_its_connections_displaces_its_own_strangers_only()
    {
        ConnectionGate gate = Gate(Wide with { MaxConnectionsPerAddress = 2 });
        Guest other = Enter(gate, 2), known = Enter(gate, 1), stranger = Enter(gate, 1);
        gate.OnAuthenticated(known.Connection!);

        Guest next = Enter(gate, 1);
        gate.OnAuthenticated(next.Connection!);
        Guest last = Enter(gate, 1);

        Assert.That((other.IsOpen, known.IsOpen, stranger.IsOpen, next.IsOpen, last.IsOpen), Is.EqualTo((true, true, false, true, false)));
        Assert.That(_turnedAway.Select(static one => one.Bound), Is.All.EqualTo(TurnedAway.ConnectionsOfAddress));
    }

    [Test]
    public void Who_was_displaced_has_left_and_leaves_only_once()
    {
        ConnectionGate gate = Gate(Wide with { MaxUnauthenticatedPerAddress = 1 });
        Guest first = Enter(gate, 1), second = Enter(gate, 1);
        // Its key may be on its way to the check when it is displaced.
        gate.OnAuthenticated(first.Connection!);
        gate.Leave(first.Connection!);
        Assert.That((gate.Count, gate.Unauthenticated), Is.EqualTo((1, 1)));
        gate.Leave(second.Connection!);
        gate.Leave(second.Connection!);

        Assert.That((gate.Count, gate.Unauthenticated, Groups(gate).Count), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void However_they_come_and_go_the_counts_stay_right_and_the_bounds_hold()
    {
        RelayLimits limits = new() { MaxConnections = 30, MaxConnectionsPerAddress = 12, MaxUnauthenticatedConnections = 15, MaxUnauthenticatedPerAddress = 6 };
        ConnectionGate gate = Gate(limits);
        List<Guest> guests = [];
        for (int step = 0; step < 3_000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Random.Number(0, 400)));
            switch (Random.Number(0, 3))
            {
                case 0 when guests.Count > 0:
                    gate.Leave(guests[Random.Number(0, guests.Count - 1)].Connection!);
                    break;
                case 1 when guests.Count > 0:
                    gate.OnAuthenticated(guests[Random.Number(0, guests.Count - 1)].Connection!);
                    break;
                default:
                    Guest guest = Enter(gate, Random.Number(0, 6));
                    if (guest.Connection is not null) guests.Add(guest);
                    break;
            }

            guests.RemoveAll(static guest => guest.Connection!.HasLeft);
            Guest[] strangers = [.. guests.Where(static guest => !guest.Connection!.IsKnown)];
            Assert.That((gate.Count, gate.Unauthenticated), Is.EqualTo((guests.Count, strangers.Length)));
            Assert.That((gate.Count <= limits.MaxConnections, gate.Unauthenticated <= limits.MaxUnauthenticatedConnections), Is.EqualTo((true, true)));
            foreach (IGrouping<PeerAddress, Guest> group in guests.GroupBy(static guest => guest.Connection!.Group.Address))
            {
                Assert.That(group.Count(), Is.EqualTo(group.First().Connection!.Group.Count).And.AtMost(limits.MaxConnectionsPerAddress));
                Assert.That(group.Count(static guest => !guest.Connection!.IsKnown), Is.AtMost(limits.MaxUnauthenticatedPerAddress));
            }

            int largest = strangers.GroupBy(static guest => guest.Connection!.Group.Address).Select(static group => group.Count()).DefaultIfEmpty(0).Max();
            Assert.That(Ranking(gate).Largest?.Unauthenticated.Count ?? 0, Is.EqualTo(largest));
        }
    }

    private static PeerAddress Address(int number) => PeerAddress.Of(new IPAddress([192, 0, 2, (byte)number]));

    private ConnectionGate Gate(RelayLimits limits) => new(limits, _time, (address, bound) => _turnedAway.Add((address, bound)));

    private Guest Enter(ConnectionGate gate, int address, bool isTrusted = false)
    {
        Socket socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        return new Guest(socket, gate.Enter(socket, Address(address), isTrusted));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_groups")]
    private static extern ref Dictionary<PeerAddress, AddressGroup> Groups(ConnectionGate gate);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_ranking")]
    private static extern ref CrowdRanking Ranking(ConnectionGate gate);

    private sealed record Guest(Socket Socket, AdmittedConnection? Connection)
    {
        public bool IsOpen => !Socket.SafeHandle.IsClosed;
    }
}
