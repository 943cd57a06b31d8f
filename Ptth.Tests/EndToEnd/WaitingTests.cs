using System.Diagnostics;
using System.Net;
using NUnit.Framework;
using Ptth.Relay.Admin.Status;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>How those who listen and those who connect find each other, spoken by hand with the relay's process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class WaitingTests : EndToEndTest
{
    private readonly IPEndPoint _admin = FreePort.Take();

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_that_nobody_wants_ends_with_204([Values("GET", "POST")] string method, CancellationToken token)
    {
        var rig = await StartAsync(token);
        var clock = Stopwatch.StartNew();

        var answer = await Curl.AskAsync(rig, method, "/v1/listen/ssh", rig.ServerKey, token, "-H", "Prefer: wait=1");

        Assert.That(answer.Status, Is.EqualTo(204));
        Assert.That(clock.Elapsed.TotalSeconds, Is.InRange(0.9, 5));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Listens_are_served_oldest_first(CancellationToken token)
    {
        var rig = await StartAsync(token);
        var listens = new List<Task<RawResponse>>();
        for (var i = 0; i < 4; i++)
        {
            var listen = Scope.Own(await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token));
            listens.Add(listen.ReadHeadAsync(token));
            await WaitAsync(listens: i + 1, connects: 0, token);
        }

        for (var i = 0; i < listens.Count; i++)
        {
            Scope.Own(await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token));
            Assert.That((await listens[i]).Status, Is.EqualTo(200));
            Assert.That(listens.Skip(i + 1).Any(l => l.IsCompleted), Is.False, $"only listen {i} is answered");
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connect_waits_for_a_listen_and_a_listen_for_a_connect([Values] bool connectFirst, CancellationToken token)
    {
        var rig = await StartAsync(token);
        RawHttp connect, listen;
        if (connectFirst)
        {
            connect = Scope.Own(await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token));
            await WaitAsync(listens: 0, connects: 1, token);
            listen = Scope.Own(await RawHttp.RequestAsync(rig, "GET", "/v1/listen/ssh", rig.ServerKey, token));
        }
        else
        {
            listen = Scope.Own(await RawHttp.RequestAsync(rig, "GET", "/v1/listen/ssh", rig.ServerKey, token));
            await WaitAsync(listens: 1, connects: 0, token);
            connect = Scope.Own(await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token));
        }

        var listened = await listen.ReadHeadAsync(token);
        Assert.That(listened.Status, Is.EqualTo(200));
        Scope.Own(await RawHttp.RequestAsync(rig, "POST", $"/v1/accept/{listened["Ptth-Connection"]}", rig.ServerKey, token));
        Assert.That((await connect.ReadHeadAsync(token)).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_that_went_away_while_waiting_is_offered_to_nobody(CancellationToken token)
    {
        var rig = await StartAsync(token);
        var before = rig.RelaySockets();
        using (await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token))
            await WaitAsync(listens: 0, connects: 1, token);
        await rig.RelaySocketsFallToAsync(before, token);

        var answer = await Curl.AskAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token, "-H", "Prefer: wait=1");

        Assert.That(answer.Status, Is.EqualTo(204));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listener_that_went_away_while_waiting_gets_no_connection(CancellationToken token)
    {
        var rig = await StartAsync(token);
        var before = rig.RelaySockets();
        using (await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token))
            await WaitAsync(listens: 1, connects: 0, token);
        await rig.RelaySocketsFallToAsync(before, token);

        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);

        await tunnel.AssertCarriesAsync(Scope, token);
    }

    private Task<TunnelRig> StartAsync(CancellationToken token) => TunnelRig.StartAsync(Scope, new RigPlan { RelayKeys = $"admin = \"{_admin}\"" }, token);

    /// <summary>Waits until the relay says that so many wait.</summary>
    private Task WaitAsync(int listens, int connects, CancellationToken token)
    {
        (int Listens, int Connects) last = default;
        return Eventually.HoldsAsync(
            async () =>
            {
                StatusDocument status = await RelayStatus.AskAsync(_admin, token);
                last = (status.Servers.Sum(static server => server.Ports.Sum(static port => port.Listens)), status.Tunnels.Waiting);
                return last == (listens, connects);
            },
            () => $"{listens} listens and {connects} connects wait; {last} do",
            TimeSpan.FromSeconds(10),
            token);
    }
}
