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

    private double _median;

    [Test]
    [Category("no delay")]
    [CancelAfter(60_000)]
    public async Task Sixty_four_bytes_go_there_and_back_at_once([Values] Intermediary front, CancellationToken token)
    {
        var service = Scope.Own(new TcpService());
        var direct = await OpenAsync(Scope.Own(new TestScope()), new RigPlan { Certificate = TestTls.Relay, Targets = { [Port] = service.EndPoint } }, service, token);
        var behind = await OpenAsync(Scope, new RigPlan { Front = front, Targets = { [Port] = service.EndPoint } }, service, token);

        var trips = await RoundTrips.MeasureAsync(
            [(direct.Client, direct.Server), (direct.Server, direct.Client), (behind.Client, behind.Server), (behind.Server, behind.Client)],
            Scope.Faker.Random.Bytes(64),
            Rounds,
            token);

        _median = Math.Max(trips[2].Median.TotalMilliseconds, trips[3].Median.TotalMilliseconds);
        await TestContext.Out.WriteLineAsync($"direct {trips[0]}, and from the server {trips[1]}; behind {trips[2]}, and from the server {trips[3]}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(trips.Select(static way => way.LowerQuartile), Has.All.LessThan(RoundTrips.Bound));
            Assert.That(trips[2].LowerQuartile - trips[0].LowerQuartile, Is.LessThan(RoundTrips.Added));
            Assert.That(trips[3].LowerQuartile - trips[1].LowerQuartile, Is.LessThan(RoundTrips.Added));
        }
    }

    /// <inheritdoc/>
    protected override string Cell(Intermediary front) => string.Create(CultureInfo.InvariantCulture, $"{_median:0.00} ms");

    private static async Task<(Socket Client, Socket Server)> OpenAsync(TestScope scope, RigPlan plan, TcpService service, CancellationToken token)
    {
        var rig = await TunnelRig.StartAsync(scope, plan, token);
        var client = scope.Own(await rig.ConnectAsync(Port, token));
        return (client, scope.Own(await service.AcceptAsync(token)));
    }
}
