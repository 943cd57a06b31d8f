using System.Net;
using System.Net.Sockets;
using System.Reflection;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>The base of the tests of a relay behind another server.</summary>
internal abstract class BehindTest : EndToEndTest
{
    protected const int MiB = 1024 * 1024;
    private static readonly Lock Notes = new();

    protected const string Port = "port";

    /// <summary>How soon an end has to be seen at the other end.</summary>
    protected static readonly TimeSpan EndBound = TimeSpan.FromSeconds(5);

    /// <summary>Where perf/behind.sh asks for it, notes what this test found: the server, the table's column, and the cell.</summary>
    [TearDown]
    public void NoteResult()
    {
        var test = TestContext.CurrentContext;
        if (test.Test.Arguments.FirstOrDefault() is Intermediary front && GetType().GetMethod(test.Test.MethodName!)!.GetCustomAttribute<CategoryAttribute>() is { Name: var column })
            Note(Column(column), front, test.Result.Outcome.Status == TestStatus.Passed ? Cell(front) : "failed");
    }

    /// <summary>Notes a cell of the table.</summary>
    protected static void Note(string column, Intermediary front, string cell)
    {
        if (Environment.GetEnvironmentVariable("PTTH_BEHIND_NOTES") is not { } path)
            return;
        lock (Notes)
            File.AppendAllText(path, $"{front}\t{column}\t{cell}\n");
    }

    /// <summary>The table's column of a test of that category.</summary>
    protected virtual string Column(string category) => category;

    /// <summary>Keys of the client-side proxy.</summary>
    protected virtual string ClientKeys => "";

    /// <summary>What it means for the table that a test has passed.</summary>
    protected virtual string Cell(Intermediary front) => "yes";

    /// <summary>
    /// Whether an answer that breaks off is told from one that ends. Caddy 2.6.2, Debian 12's, ends it with a last chunk.
    /// </summary>
    protected virtual bool TellsBreaks(Intermediary front) => front != Intermediary.Caddy;

    /// <summary>Whether it sees a client that leaves while the answer brings nothing. Apache httpd looks at the client only when it has something for it.</summary>
    protected static bool SeesWhoLeaves(Intermediary front) => front != Intermediary.Apache;

    /// <summary>
    /// Whether it tells a sender at once that the relay has broken its upload off. Apache httpd drops the rest first, however much comes,
    /// and Caddy 256 KB of it.
    /// </summary>
    protected static bool TellsSendersAtOnce(Intermediary front) => front is not (Intermediary.Apache or Intermediary.Caddy);

    /// <summary>The whole chain with one forwarded port; null is without anything in front of the relay, whatever TestTls says.</summary>
    protected Task<TunnelRig> StartAsync(Intermediary? front, IPEndPoint target, CancellationToken token) =>
        TunnelRig.StartAsync(Scope, new RigPlan { Front = front, ClientKeys = ClientKeys, Targets = { [Port] = target } }, token);

    /// <summary>Runs a test twice on one chain: with the client's end as the first, and with the server's.</summary>
    protected async Task BothWaysAsync(Intermediary front, Func<Socket, Socket, Task> test, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var rig = await StartAsync(front, service.EndPoint, token);
        foreach (var isClientFirst in new[] { true, false })
        {
            using var client = await rig.ConnectAsync(Port, token);
            using var server = await service.AcceptAsync(token);
            await ExchangeAsync(client, server, token);
            await (isClientFirst ? test(client, server) : test(server, client));
        }
    }

    /// <summary>Sends a little both ways, so that the tunnel is complete.</summary>
    protected async Task ExchangeAsync(Socket client, Socket server, CancellationToken token)
    {
        var message = Scope.Faker.Random.Bytes(64);
        foreach (var (from, to) in new[] { (client, server), (server, client) })
        {
            await from.SendAllAsync(message, token);
            var received = new byte[message.Length];
            await to.ReceiveExactlyAsync(received, token);
            Assert.That(received, Is.EqualTo(message));
        }
    }

    /// <summary>The whole chain with one tunnel that is open: its two ends.</summary>
    protected async Task<(TunnelRig Rig, Socket Client, Socket Server)> OpenAsync(Intermediary front, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var rig = await StartAsync(front, service.EndPoint, token);
        var client = Scope.Own(await rig.ConnectAsync(Port, token));
        return (rig, client, Scope.Own(await service.AcceptAsync(token)));
    }
}
