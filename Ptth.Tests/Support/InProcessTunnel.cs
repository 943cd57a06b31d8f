using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>A tunnel through an <see cref="InProcessRelay"/>: its four exchanges, each on a connection of its own.</summary>
/// <param name="Id">The connection's ID.</param>
/// <param name="Connect">The client's connect; its answer's head was read.</param>
/// <param name="Upstream">The client's upstream; its head was sent.</param>
/// <param name="Accept">The server's accept; its answer's head was read.</param>
/// <param name="Downstream">The server's downstream; its head was sent.</param>
internal sealed record InProcessTunnel(string Id, InProcessPeer Connect, InProcessPeer Upstream, InProcessPeer Accept, InProcessPeer Downstream)
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    /// <summary>All four, by name.</summary>
    public IReadOnlyDictionary<string, InProcessPeer> All => new Dictionary<string, InProcessPeer>
    {
        ["connect"] = Connect,
        ["upstream"] = Upstream,
        ["accept"] = Accept,
        ["downstream"] = Downstream,
    };

    /// <summary>Opens one, all four attached.</summary>
    public static async Task<InProcessTunnel> OpenAsync(InProcessRelay relay, CancellationToken token)
    {
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        InProcessPeer accept = await relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        PeerMessage accepted = await accept.ReadHeadAsync(token), connected = await connect.ReadHeadAsync(token);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((accepted.Status, accepted["Transfer-Encoding"]), Is.EqualTo((200, "chunked")));
            Assert.That((connected.Status, connected["Transfer-Encoding"], connected["Ptth-Connection"]), Is.EqualTo((200, "chunked", id)));
        }

        InProcessPeer upstream = await relay.SendAsync($"upstream/{id}", InProcessRelay.Laptop, token, Chunked);
        InProcessPeer downstream = await relay.SendAsync($"downstream/{id}", InProcessRelay.Home, token, Chunked);
        await InProcessWait.UntilAsync(() => relay.TunnelOf(id).IsAttached, "all four are attached", token);
        return new InProcessTunnel(id, connect, upstream, accept, downstream);
    }

    /// <summary>Checks that bytes go up.</summary>
    public Task AssertCarriesUpAsync(string text, CancellationToken token) => AssertCarriesAsync(Upstream, Accept, text, token);

    /// <summary>Checks that bytes go down.</summary>
    public Task AssertCarriesDownAsync(string text, CancellationToken token) => AssertCarriesAsync(Downstream, Connect, text, token);

    /// <summary>Checks that bytes go both ways, after which all four are attached.</summary>
    public async Task AssertCarriesAsync(CancellationToken token)
    {
        await AssertCarriesUpAsync("up", token);
        await AssertCarriesDownAsync("down", token);
    }

    /// <summary>Ends the direction from the client to the server, and checks that all three parties are told.</summary>
    public Task EndUpAsync(CancellationToken token) => EndAsync(Upstream, Accept, token);

    /// <summary>Ends the other direction.</summary>
    public Task EndDownAsync(CancellationToken token) => EndAsync(Downstream, Connect, token);

    /// <summary>Checks that those exchanges were cut off, without a last chunk or any other answer.</summary>
    public static async Task AssertCutOffAsync(IEnumerable<InProcessPeer> peers, CancellationToken token)
    {
        foreach (InProcessPeer peer in peers) Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    private static async Task AssertCarriesAsync(InProcessPeer from, InProcessPeer to, string text, CancellationToken token)
    {
        await from.SendChunkAsync(text, token);
        Assert.That(await to.ReadDataAsync(text.Length, token), Is.EqualTo(text));
    }

    private static async Task EndAsync(InProcessPeer from, InProcessPeer to, CancellationToken token)
    {
        await from.SendLastChunkAsync(token);
        Assert.That(await to.ReadChunkAsync(token), Is.Null);
        PeerMessage answer = await from.ReadMessageAsync(token);
        Assert.That((answer.Status, answer["Content-Length"]), Is.EqualTo((200, "0")));
    }
}
