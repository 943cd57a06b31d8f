using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>
/// A broken end is seen as broken through each of the servers that a relay may stand behind, and never as a clean one: of those that end
/// an answer that breaks off, where the proxies mark their streams' ends.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class BreakTests(bool marksEnds) : BehindTest
{
    /// <summary>Who is killed.</summary>
    public enum Party
    {
        ClientProxy,
        ServerProxy,
        Relay,
        Front,
    }

    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public Task A_reset_of_an_idle_tunnel_is_a_reset_at_the_other_end([Values] Intermediary front, CancellationToken token) => BothWaysAsync(
        front,
        async (resetting, other) =>
        {
            var reads = other.ReceivePatternAsync(null, token);

            resetting.Reset();

            AssertEnd(front, await reads.WaitAsync(EndBound, token));
        },
        token);

    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public Task A_reset_under_way_is_never_a_clean_end([Values] Intermediary front, CancellationToken token) => BothWaysAsync(
        front,
        async (resetting, other) =>
        {
            var pattern = Scope.NewPattern();
            var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var sends = new PatternSender(resetting, pattern, token);
            var reads = other.ReceivePatternAsync(pattern, token, bytes =>
            {
                if (bytes > MiB)
                    busy.TrySetResult();
            });

            await busy.Task.WaitAsync(token);
            resetting.Reset();
            await sends.Ended;

            AssertEnd(front, await reads.WaitAsync(EndBound, token));
        },
        token);

    /// <remarks>Nothing but the answer can tell it then: the own upload is over.</remarks>
    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public Task A_reset_is_seen_by_one_who_has_ended_its_side([Values] Intermediary front, CancellationToken token) => BothWaysAsync(
        front,
        async (resetting, other) =>
        {
            other.Shutdown(SocketShutdown.Send);
            Assert.That(await resetting.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));
            var reads = other.ReceivePatternAsync(null, token);

            resetting.Reset();

            // Once Caddy tells the break here, docs/behind and the table in README.md have to say so.
            var end = await reads.WaitAsync(EndBound, token);
            Assert.That(end, Is.EqualTo(new StreamEnd(0, TellsBreaks(front) ? EndKind.Broken : EndKind.Clean)));
        },
        token);

    /// <remarks>Nothing but an answer that nobody takes can tell it then: the upload of the one that is killed is over.</remarks>
    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public async Task Who_is_killed_after_its_own_end_is_missed([Values] Intermediary front, [Values] bool isClient, CancellationToken token)
    {
        var (rig, client, server) = await OpenAsync(front, token);
        var (ended, other) = isClient ? (client, server) : (server, client);
        await ExchangeAsync(client, server, token);
        ended.Shutdown(SocketShutdown.Send);
        Assert.That(await other.ReceivePatternAsync(null, token), Is.EqualTo(new StreamEnd(0, EndKind.Clean)));

        await (isClient ? rig.ClientProxy : rig.ServerProxy).KillAsync();

        if (SeesWhoLeaves(front))
            await rig.Relay.WaitForLineAsync($"ended: {(isClient ? "Client" : "Server")}Broke", EndBound);
        if (!TellsSendersAtOnce(front))
            await SendAndEndAsync(other, token);
        await Eventually.HoldsAsync(other.IsReset, () => "the other end is reset", EndBound, token);
    }

    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public async Task A_killed_program_breaks_tunnels_that_rest_and_tunnels_that_carry([Values] Intermediary front, [Values] Party party, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var rig = await StartAsync(front, service.EndPoint, token);
        var idleClient = Scope.Own(await rig.ConnectAsync(Port, token));
        var idleServer = Scope.Own(await service.AcceptAsync(token));
        await ExchangeAsync(idleClient, idleServer, token);
        var busyClient = Scope.Own(await rig.ConnectAsync(Port, token));
        var busyServer = Scope.Own(await service.AcceptAsync(token));
        var (up, down) = (Scope.NewPattern(), Scope.NewPattern());
        PatternSender[] senders = [new(busyClient, up, token), new(busyServer, down, token)];
        var (half, full) = (new CountdownEvent(2), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Task<StreamEnd>[] readers =
        [
            busyClient.ReceivePatternAsync(down, token, OnceMoving()), busyServer.ReceivePatternAsync(up, token, OnceMoving()),
            idleClient.ReceivePatternAsync(null, token), idleServer.ReceivePatternAsync(null, token),
        ];
        await full.Task.WaitAsync(token);

        await (party switch
        {
            Party.ClientProxy => rig.ClientProxy.KillAsync(),
            Party.ServerProxy => rig.ServerProxy.KillAsync(),
            Party.Relay => rig.Relay.KillAsync(),
            _ => rig.Front!.Program.KillTreeAsync(),
        });

        await Task.WhenAll(senders.Select(s => s.Ended)).WaitAsync(EndBound, token);
        var ends = await Task.WhenAll(readers).WaitAsync(EndBound, token);
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < ends.Length; i++)
            {
                // Of two who both send and receive one is told of a reset; see IsReset.
                var socket = new[] { busyClient, busyServer, idleClient, idleServer }[i];
                if (TellsBreaks(front) || party == Party.Front)
                    Assert.That(ends[i].Kind == EndKind.Broken || socket.IsReset(), Is.True, $"{i}: {ends[i]}");
            }
        }

        Action<long> OnceMoving()
        {
            var moving = false;
            return bytes =>
            {
                if (!moving && bytes > MiB && (moving = true) && half.Signal())
                    full.SetResult();
            };
        }
    }

    /// <remarks>The relay hands a client to the listen that has waited longest: it must not be one of somebody who has gone.</remarks>
    [Test]
    [Category("broken end")]
    [CancelAfter(60_000)]
    public async Task A_server_that_was_killed_is_not_offered_clients_any_longer([Values] Intermediary front, CancellationToken token)
    {
        var (echo, admin) = (Scope.Own(TcpService.Echo()), FreePort.Take());
        var plan = new RigPlan { Front = front, ClientKeys = ClientKeys, RelayKeys = $"admin = \"{admin}\"", Targets = { [Port] = echo.EndPoint } };
        var rig = await TunnelRig.StartAsync(Scope, plan, token);

        await rig.ServerProxy.KillAsync();
        if (SeesWhoLeaves(front))
            await Eventually.HoldsAsync(NobodyListensAsync, () => "the relay is told that nobody listens any more", EndBound, token);
        await rig.StartServerProxyAsync();
        using var client = await rig.ConnectAsync(Port, token);
        var message = Scope.Faker.Random.Bytes(64);
        await client.SendAllAsync(message, token);
        var echoes = client.ReceiveExactlyAsync(new byte[message.Length], token);

        if (SeesWhoLeaves(front))
            await echoes.WaitAsync(EndBound, token);
        else
            Assert.That(async () => await echoes, Throws.InstanceOf<SocketException>(), "the relay has found out after its time-out for an accept");

        async Task<bool> NobodyListensAsync() => (await RelayStatus.AskAsync(admin, token)).Servers.All(static server => server.Ports.All(static port => port.Listens == 0));
    }

    /// <inheritdoc/>
    protected override string Column(string category) => marksEnds ? $"{category}, mark_ends" : category;

    /// <inheritdoc/>
    protected override string ClientKeys => marksEnds ? "mark_ends = true" : "";

    /// <inheritdoc/>
    protected override bool TellsBreaks(Intermediary front) => marksEnds || base.TellsBreaks(front);

    /// <inheritdoc/>
    protected override string Cell(Intermediary front) => !TellsBreaks(front) ? "no" : SeesWhoLeaves(front) ? "yes" : "yes, some late";

    /// <summary>Sends enough to be told of a break, and an end, to one who may tell of it before the last of that.</summary>
    private async Task SendAndEndAsync(Socket socket, CancellationToken token)
    {
        try
        {
            await socket.SendPatternAsync(Scope.NewPattern(), MiB, token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            // It has been told.
        }
    }

    private void AssertEnd(Intermediary front, StreamEnd end)
    {
        if (TellsBreaks(front))
            Assert.That(end.Kind, Is.EqualTo(EndKind.Broken));
    }
}
