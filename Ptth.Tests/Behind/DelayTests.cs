using System.Globalization;
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
    private static readonly TimeSpan MostAdded = TimeSpan.FromMilliseconds(5);

    private double _median;

    [Test]
    [Category("no delay")]
    [CancelAfter(60_000)]
    public async Task Sixty_four_bytes_go_there_and_back_at_once([Values] Intermediary front, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var direct = await MeasureAsync(Scope.Own(new TestScope()), new RigPlan { Certificate = TestTls.Relay, Targets = { [Port] = service.EndPoint } }, service, token);
        var behind = await MeasureAsync(Scope, new RigPlan { Front = front, Targets = { [Port] = service.EndPoint } }, service, token);

        _median = Math.Max(behind.FromClient.Median.TotalMilliseconds, behind.FromServer.Median.TotalMilliseconds);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(behind.FromClient.LowerQuartile - direct.FromClient.LowerQuartile, Is.LessThan(MostAdded));
            Assert.That(behind.FromServer.LowerQuartile - direct.FromServer.LowerQuartile, Is.LessThan(MostAdded));
        }
    }

    /// <inheritdoc/>
    protected override string Cell(Intermediary front) => string.Create(CultureInfo.InvariantCulture, $"{_median:0.00} ms");

    private async Task<(RoundTrips FromClient, RoundTrips FromServer)> MeasureAsync(TestScope scope, RigPlan plan, TcpService service, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(scope, plan, token);
        using var client = await rig.ConnectAsync(Port, token);
        using var server = await service.AcceptAsync(token);
        var message = Scope.Faker.Random.Bytes(64);
        return (await RoundTrips.MeasureAsync(client, server, message, Rounds, token), await RoundTrips.MeasureAsync(server, client, message, Rounds, token));
    }
}
