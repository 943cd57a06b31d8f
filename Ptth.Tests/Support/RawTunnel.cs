using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>A tunnel by hand: its four streaming exchanges, each on a connection of its own, without any proxy of ours.</summary>
internal sealed class RawTunnel : IDisposable
{
    private RawTunnel(string id, RawHttp connect, RawHttp accept, RawHttp upstream, RawHttp downstream)
    {
        Id = id;
        Connect = connect;
        Accept = accept;
        Upstream = upstream;
        Downstream = downstream;
    }

    /// <summary>The connection's id.</summary>
    public string Id { get; }

    /// <summary>The client's connect, whose answer is its downstream.</summary>
    public RawHttp Connect { get; }

    /// <summary>The server's accept, whose answer is its half of the upstream.</summary>
    public RawHttp Accept { get; }

    /// <summary>The client's upstream.</summary>
    public RawHttp Upstream { get; }

    /// <summary>The server's downstream.</summary>
    public RawHttp Downstream { get; }

    /// <summary>Opens a tunnel to a port of the rig's server; both heads of answers have been read.</summary>
    public static async Task<RawTunnel> OpenAsync(TunnelRig rig, string port, CancellationToken token)
    {
        using var listen = await RawHttp.RequestAsync(rig, "POST", $"/v1/listen/{port}", rig.ServerKey, token);
        var connect = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath(port), rig.ClientKey, token);
        var listened = await listen.ReadHeadAsync(token);
        Assert.That(listened.Status, Is.EqualTo(200), listened.Head);
        var id = listened["Ptth-Connection"]!;

        var accept = await RawHttp.RequestAsync(rig, "POST", $"/v1/accept/{id}", rig.ServerKey, token);
        var upstream = await RawHttp.RequestAsync(rig, "POST", $"/v1/upstream/{id}", rig.ClientKey, token, "Transfer-Encoding: chunked\r\n");
        var downstream = await RawHttp.RequestAsync(rig, "POST", $"/v1/downstream/{id}", rig.ServerKey, token, "Transfer-Encoding: chunked\r\n");
        var connected = await connect.ReadHeadAsync(token);
        var accepted = await accept.ReadHeadAsync(token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(listened["Ptth-Client"], Is.EqualTo(rig.ClientName));
            Assert.That(id, Does.Match("^[A-Za-z0-9_-]{22}$"));
            Assert.That(connected.Status, Is.EqualTo(200), connected.Head);
            Assert.That(connected["Ptth-Connection"], Is.EqualTo(id));
            Assert.That(connected["Transfer-Encoding"], Is.EqualTo("chunked"));
            Assert.That(accepted.Status, Is.EqualTo(200), accepted.Head);
            Assert.That(accepted["Transfer-Encoding"], Is.EqualTo("chunked"));
        }

        return new RawTunnel(id, connect, accept, upstream, downstream);
    }

    /// <summary>Checks that bytes go both ways.</summary>
    public async Task AssertCarriesAsync(TestScope scope, CancellationToken token)
    {
        foreach (var (from, to) in new[] { (Upstream, Accept), (Downstream, Connect) })
        {
            var content = scope.Faker.Random.Bytes(1_000);
            var received = new byte[content.Length];
            await from.SendChunkAsync(content, token);
            await to.ReadDataAsync(received, token);
            Assert.That(received, Is.EqualTo(content));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Connect.Dispose();
        Accept.Dispose();
        Upstream.Dispose();
        Downstream.Dispose();
    }
}
