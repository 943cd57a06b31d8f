using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>Tunnels that carry nothing outlive the time after which each of the servers gives up by default, with the time-outs that docs/behind sets.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
#pragma warning disable CS0618 // What is to replace it names tests that have to come before, and none has to.
[Order(0)] // It is the longest: the others run beside it.
#pragma warning restore CS0618
internal sealed class IdleTests : BehindTest
{
    /// <summary>The longest of the defaults is 60 s; ./test.sh and perf/behind.sh rest for five minutes.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("PTTH_BEHIND_IDLE_SECONDS") ?? "65", CultureInfo.InvariantCulture));

    /// <remarks>All in one test, since each needs the time and nothing but the time.</remarks>
    [Test]
    [CancelAfter(600_000)]
    public async Task Tunnels_rest_longer_than_the_usual_time_out(CancellationToken token)
    {
        var fronts = Enum.GetValues<Intermediary>();
        // Each in a scope, and so a folder, of its own.
        var rests = fronts.ToDictionary(front => front, front => RestAsync(front, Scope.Own(new TestScope()), token));
        await Task.WhenAll(rests.Values);

        using (Assert.EnterMultipleScope())
        {
            foreach (var (front, rest) in rests)
            {
                var failure = await rest;
                Note($"idle {Rest.TotalSeconds} s", front, failure is null ? "yes" : "failed");
                Assert.That(failure, Is.Null, front.ToString());
            }
        }
    }

    /// <summary>What went wrong; null where nothing did.</summary>
    private static async Task<string?> RestAsync(Intermediary front, TestScope scope, CancellationToken token)
    {
        try
        {
            var service = scope.Own(new TcpService());
            var rig = await TunnelRig.StartAsync(scope, new RigPlan { Front = front, Targets = { [Port] = service.EndPoint } }, token);
            // One that has carried bytes, and one that never has.
            var used = (Client: scope.Own(await rig.ConnectAsync(Port, token)), Server: scope.Own(await service.AcceptAsync(token)));
            await PassAsync(used.Client, used.Server, token);
            var unused = (Client: scope.Own(await rig.ConnectAsync(Port, token)), Server: scope.Own(await service.AcceptAsync(token)));

            await Task.Delay(Rest, token);

            foreach (var (client, server) in new[] { used, unused })
            {
                await PassAsync(client, server, token);
                await PassAsync(server, client, token);
                client.Shutdown(SocketShutdown.Send);
                server.Shutdown(SocketShutdown.Send);
                var clean = new StreamEnd(0, EndKind.Clean);
                Assert.That((await client.ReceivePatternAsync(null, token), await server.ReceivePatternAsync(null, token)), Is.EqualTo((clean, clean)));
            }

            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            return $"{e.GetType().Name}: {e.Message}\n{scope.Report}";
        }
    }

    private static async Task PassAsync(Socket from, Socket to, CancellationToken token)
    {
        var message = new byte[64];
        await from.SendAllAsync(message, token);
        await to.ReceiveExactlyAsync(new byte[message.Length], token).WaitAsync(EndBound, token);
    }
}
