using System.Net.Sockets;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Ptth.Tests.Support;

/// <summary>
/// The base of every end-to-end fixture: one <see cref="TestScope"/> a test, ended whether the test passed or not,
/// its report printed when it failed. A fixture is made anew for each test, so that tests may run in parallel.
/// </summary>
internal abstract class EndToEndTest
{
    /// <summary>What this test started and made.</summary>
    protected TestScope Scope { get; } = new();

    /// <summary>Ends everything, and checks that no program of ours ended in an unhandled exception.</summary>
    [TearDown]
    public async Task EndScopeAsync()
    {
        var failed = TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed;
        var report = Scope.Report;
        if (failed)
            await TestContext.Out.WriteLineAsync(report);
        await Scope.DisposeAsync();
        Assert.That(report, Does.Not.Contain("Unhandled exception"));
    }

    /// <summary>Sends bytes through a tunnel both ways at the same time, each to a clean end, and checks every one of them.</summary>
    protected async Task AssertBulkBothWaysAsync(Socket client, Socket server, long bytes, CancellationToken token)
    {
        Pattern up = Scope.NewPattern(), down = Scope.NewPattern();
        Task<StreamEnd> atServer = server.ReceivePatternAsync(up, token), atClient = client.ReceivePatternAsync(down, token);
        await Task.WhenAll(SendAsync(client, up), SendAsync(server, down), atServer, atClient);

        Assert.That((await atServer, await atClient), Is.EqualTo((new StreamEnd(bytes, EndKind.Clean), new StreamEnd(bytes, EndKind.Clean))));

        async Task SendAsync(Socket socket, Pattern pattern)
        {
            await socket.SendPatternAsync(pattern, bytes, token);
            socket.Shutdown(SocketShutdown.Send);
        }
    }
}
