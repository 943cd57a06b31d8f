using System.Collections.Frozen;
using NUnit.Framework;
using Ptth.Relay.Admin.Client;
using Ptth.Relay.Admin.Status;

namespace Ptth.Tests.Admin;

/// <summary>The status as <c>ptth-relay status</c> prints it.</summary>
internal sealed class StatusTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 1, 20, 0, TimeSpan.Zero);

    private static readonly StatusDocument Busy = new(
        "0.1.0", Now, Now.AddHours(-26), 26 * 3600, "draining", ["0.0.0.0:8080", "[::]:8080"], ["0.0.0.0:8443"],
        new ConnectionsStatus(31, 2, 4096), new BytesStatus(81_234_567_890, 23_456_789_012, 4_700_000, 0), new TunnelsStatus(1, 1, 1000, 17_234, Counts(("completed", 17_100), ("idle", 0))),
        [
            new ServerStatus("home", true, Now.AddMinutes(-3), [new PortStatus("ssh", true, Now.AddMinutes(-3), 4, 1), new PortStatus("http", false, Now.AddSeconds(-7), 0, 0)]),
            new ServerStatus("attic", false, null, []),
        ],
        [new ClientStatus("laptop", 2)],
        [
            new TunnelStatus("AAAA", "laptop", "home", "ssh", "open", Now, 3, 123_456, 9_876, 4_700_000, 0),
            new TunnelStatus("BBBB", "laptop", "home", "http", "waiting", Now, 0.4, 0, 0, null, null),
        ],
        3, Counts(("unauthorized", 2), ("nobody_listening", 12), ("draining", 0)), []);

    private static readonly StatusDocument Idle = Busy with
    {
        State = "running",
        Tunnels = new TunnelsStatus(0, 0, 1000, 0, Counts()),
        ListenTls = [],
        Servers = [],
        OpenTunnels = [],
        OpenTunnelsOmitted = 0,
        Rejected = Counts(),
    };

    [Test]
    public void All_of_it_within_80_columns()
    {
        Assert.That(StatusText.Compose(Busy, 80), Is.EqualTo(new[]
        {
            "ptth-relay 0.1.0: draining, up for 26 h",
            "http         0.0.0.0:8080, [::]:8080",
            "tls          0.0.0.0:8443",
            "tunnels      1 open, 1 waiting, at most 1000; 17234 so far",
            "now          4.7 MB/s up, 0 B/s down",
            "in all       81 GB up, 23 GB down",
            "connections  31 of 4096, 2 without a key",
            "refused      12 nobody_listening, 2 unauthorized",
            "ended        17100 completed",
            "",
            "SERVER/PORT  STATE    FOR         LISTENS  TUNNELS",
            "home/ssh     online   3 min             4        1",
            "home/http    offline  7 s               0        0",
            "attic        offline  never seen",
            "",
            "CLIENT -> SERVER/PORT  STATE    AGE      UP              DOWN",
            "laptop -> home/ssh     open     3 s  123 kB  4.7 MB/s  9.9 kB  0 B/s",
            "laptop -> home/http    waiting  0 s     0 B               0 B",
            "and 3 more, which move less",
        }));
    }

    [Test]
    public void Where_there_is_nothing_it_says_what_to_do()
    {
        List<string> lines = StatusText.Compose(Idle, 80);
        Assert.That(lines, Does.Contain("no server is configured: add a [[server]] to the relay's configuration"));
        Assert.That(lines, Does.Contain("no tunnel is open"));
        Assert.That(lines, Does.Contain("refused      nothing"));
        Assert.That(lines, Has.None.StartsWith("tls"));
    }

    [TestCase(80)]
    [TestCase(60)]
    [TestCase(20)]
    public void Long_names_give_way(int columns)
    {
        string name = new('n', 64);
        StatusDocument status = Busy with
        {
            Servers = [new ServerStatus(name, true, Now, [new PortStatus(name, true, Now, 4, 1)])],
            OpenTunnels = [Busy.OpenTunnels[0] with { Client = name, Server = name, Port = name }],
        };
        List<string> lines = StatusText.Compose(status, columns);
        Assert.That(lines, Has.All.Length.LessThanOrEqualTo(columns));
        if (columns >= 60) Assert.That(lines, Has.Some.Match("^n+\\.\\.  online  0 s        4        1$"));
    }

    [Test]
    public void The_compact_form_is_one_line() => Assert.That(StatusText.Compact(Busy), Is.EqualTo(
        "2026-11-25T01:20:00Z draining, 1 tunnel, 1 waiting, 4.7 MB/s up, 0 B/s down, 1/2 servers, 14 refused"));

    private static FrozenDictionary<string, long> Counts(params (string Name, long Count)[] counts) =>
        counts.ToFrozenDictionary(static entry => entry.Name, static entry => entry.Count);
}
