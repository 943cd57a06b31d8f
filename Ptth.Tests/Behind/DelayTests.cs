using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Behind;

/// <summary>Nothing waits for more to come in any of the servers that a relay may stand behind.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class DelayTests : BehindTest
{
    private const int Rounds = 200;

    // A buffer that waits for more never gets it here; one that waits for an acknowledgement (Nagle) has it after 40 ms.
    private const double MostAddedMilliseconds = 5;

    private double _median;

    [Test]
    [Category("no delay")]
    [CancelAfter(60_000)]
    public async Task Sixty_four_bytes_go_there_and_back_at_once([Values] Intermediary front, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var direct = await MediansAsync(Scope.Own(new TestScope()), new RigPlan { Certificate = TestTls.Relay, Targets = { [Port] = service.EndPoint } }, service, token);
        var behind = await MediansAsync(Scope, new RigPlan { Front = front, Targets = { [Port] = service.EndPoint } }, service, token);

        _median = Math.Max(behind.FromClient, behind.FromServer);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(behind.FromClient - direct.FromClient, Is.LessThan(MostAddedMilliseconds));
            Assert.That(behind.FromServer - direct.FromServer, Is.LessThan(MostAddedMilliseconds));
        }
    }

    /// <inheritdoc/>
    protected override string Cell(Intermediary front) => string.Create(CultureInfo.InvariantCulture, $"{_median:0.00} ms");

    private async Task<(double FromClient, double FromServer)> MediansAsync(TestScope scope, RigPlan plan, TcpService service, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(scope, plan, token);
        using var client = await rig.ConnectAsync(Port, token);
        using var server = await service.AcceptAsync(token);
        return (await MedianAsync(client, server, token), await MedianAsync(server, client, token));
    }

    private async Task<double> MedianAsync(Socket asks, Socket answers, CancellationToken token)
    {
        var message = Scope.Faker.Random.Bytes(64);
        var received = new byte[message.Length];
        var took = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            await asks.SendAllAsync(message, token);
            await answers.ReceiveExactlyAsync(received, token);
            await answers.SendAllAsync(received, token);
            await asks.ReceiveExactlyAsync(received, token);
            took[round] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            Assert.That(received, Is.EqualTo(message));
        }

        return took.Order().ElementAt(Rounds / 2);
    }
}
