using System.Diagnostics;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>How those who listen and those who connect find each other, spoken by hand with the relay's process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class WaitingTests : EndToEndTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_that_nobody_wants_ends_with_204([Values("GET", "POST")] string method, CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var clock = Stopwatch.StartNew();

        var answer = await Curl.AskAsync(rig, method, "/v1/listen/ssh", rig.ServerKey, token, "-H", "Prefer: wait=1");

        Assert.That(answer.Status, Is.EqualTo(204));
        Assert.That(clock.Elapsed.TotalSeconds, Is.InRange(0.9, 5));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Listens_are_served_oldest_first(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var listens = new List<Task<RawResponse>>();
        for (var i = 0; i < 4; i++)
        {
            var listen = Scope.Own(await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token));
            listens.Add(listen.ReadHeadAsync(token));
            await HasTakenAsync(rig, token);
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
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        RawHttp connect, listen;
        if (connectFirst)
        {
            connect = Scope.Own(await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token));
            await HasTakenAsync(rig, token);
            listen = Scope.Own(await RawHttp.RequestAsync(rig, "GET", "/v1/listen/ssh", rig.ServerKey, token));
        }
        else
        {
            listen = Scope.Own(await RawHttp.RequestAsync(rig, "GET", "/v1/listen/ssh", rig.ServerKey, token));
            await HasTakenAsync(rig, token);
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
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var before = rig.RelaySockets();
        using (await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("ssh"), rig.ClientKey, token))
            await HasTakenAsync(rig, token);
        await rig.RelaySocketsFallToAsync(before, token);

        var answer = await Curl.AskAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token, "-H", "Prefer: wait=1");

        Assert.That(answer.Status, Is.EqualTo(204));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listener_that_went_away_while_waiting_gets_no_connection(CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var before = rig.RelaySockets();
        using (await RawHttp.RequestAsync(rig, "POST", "/v1/listen/ssh", rig.ServerKey, token))
            await HasTakenAsync(rig, token);
        await rig.RelaySocketsFallToAsync(before, token);

        using var tunnel = await RawTunnel.OpenAsync(rig, "ssh", token);

        await tunnel.AssertCarriesAsync(Scope, token);
    }

    /// <summary>Waits until the relay has taken what was sent before: a later request has been answered.</summary>
    private static async Task HasTakenAsync(TunnelRig rig, CancellationToken token)
    {
        using var http = await RawHttp.RequestAsync(rig, "GET", "/v1/health", rig.ClientKey, token);
        Assert.That((await http.ReadHeadAsync(token)).Status, Is.EqualTo(200));
    }
}
