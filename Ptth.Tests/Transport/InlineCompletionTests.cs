using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>The test process runs sockets as the programs do.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class InlineCompletionTests : InProcessTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task A_receive_completes_on_the_engines_own_thread(CancellationToken token)
    {
        InProcessTcp pair = InProcessTcp.Connect();
        using Socket ours = pair.Ours, peers = pair.Peers;

        Task<string?> thread = ReceivingThreadAsync(ours, token);
        await peers.SendAllAsync("x"u8.ToArray(), token);

        Assert.That(await thread, Is.EqualTo(".NET Sockets"));
    }

    [Test]
    public void No_context_comes_between() => Assert.That(SynchronizationContext.Current, Is.Null);

    private static async Task<string?> ReceivingThreadAsync(Socket socket, CancellationToken token)
    {
        await socket.ReceiveAsync(new byte[1], token);
        string? name = Thread.CurrentThread.Name;
        await Task.Yield();
        return name;
    }
}
