using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;
using Ptth.Relay.Audit;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Audit;

/// <summary>The audit log: its schema, and the files that it goes to.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AuditLogTests : InProcessTest
{
    private static readonly IPEndPoint Remote = new(IPAddress.Parse("192.0.2.7"), 4711);

    private readonly InProcessTime _time = new();
    private InProcessLog _log = null!;
    private TempDirectory _directory = null!;
    private AuditLog _audit = null!;

    private string Path => _directory.PathOf("audit.log");

    [SetUp]
    public void Start()
    {
        _log = Own(new InProcessLog());
        _directory = Own(new TempDirectory());
        _time.SetUtcNow(new DateTimeOffset(2027, 1, 31, 12, 0, 0, 500, TimeSpan.Zero));
        _audit = Own(new AuditLog(Own(new Ticker(_time)), _log));
    }

    [Test]
    public void Each_event_is_a_line_of_its_own_schema()
    {
        Use();
        ConnectionId id = ConnectionId.New();
        var ssh = new PortAddress("home", "ssh");
        _audit.Started("127.0.0.1:8080");
        _audit.AuthenticationFailed(Remote, "POST", "/v1/listen/ssh", Authentication.Nobody(KeyVerdict.Unknown), 401);
        _audit.AuthenticationFailed(Remote, "POST", "/v1/listen/ssh", new Authentication(KeyVerdict.Expired, null, "home"), 401);
        _audit.AuthenticationFailed(null, "GET", "/v1/listen/ssh", new Authentication(KeyVerdict.WrongAddress, null, "home"), 429);
        _audit.Connect("laptop", Remote, ssh, id, ConnectOutcome.Accepted);
        _audit.Connect("laptop", Remote, ssh, null, ConnectOutcome.NotAllowed);
        _audit.AdministrativeAct("close_tunnel", Remote, ("id", id.ToString()));
        _audit.Draining();
        _audit.Stopped(3);

        const string time = "{\"time\":\"2027-01-31T12:00:00.500Z\",\"event\":";
        Assert.That(Lines(), Is.EqualTo(new[]
        {
            time + "\"start\",\"addresses\":\"127.0.0.1:8080\"}",
            time + "\"authentication_failed\",\"remote\":\"192.0.2.7:4711\",\"verdict\":\"unknown\",\"method\":\"POST\",\"path\":\"/v1/listen/ssh\",\"status\":401}",
            time + "\"authentication_failed\",\"remote\":\"192.0.2.7:4711\",\"verdict\":\"expired\",\"owner\":\"home\",\"method\":\"POST\",\"path\":\"/v1/listen/ssh\",\"status\":401}",
            time + "\"authentication_failed\",\"remote\":\"unknown\",\"verdict\":\"wrong_address\",\"owner\":\"home\",\"method\":\"GET\",\"path\":\"/v1/listen/ssh\",\"status\":429}",
            time + $"\"connect\",\"client\":\"laptop\",\"remote\":\"192.0.2.7:4711\",\"server\":\"home\",\"port\":\"ssh\",\"id\":\"{id}\",\"outcome\":\"accepted\"}}",
            time + "\"connect\",\"client\":\"laptop\",\"remote\":\"192.0.2.7:4711\",\"server\":\"home\",\"port\":\"ssh\",\"outcome\":\"not_allowed\"}",
            time + $"\"admin\",\"act\":\"close_tunnel\",\"remote\":\"192.0.2.7:4711\",\"id\":\"{id}\"}}",
            time + "\"drain\"}",
            time + "\"stop\",\"broken_off\":3}",
        }));
    }

    [Test]
    public void Without_a_file_nothing_is_written_and_nothing_fails()
    {
        _audit.Use(null);
        _audit.Started("127.0.0.1:8080");
        _audit.Connect("laptop", Remote, new PortAddress("home", "ssh"), null, ConnectOutcome.Draining);
        _audit.Dispose();
        Assert.That(Directory.GetFiles(_directory.Path), Is.Empty);
    }

    [Test]
    public void A_flood_of_failures_is_thinned_and_counted()
    {
        Use();
        for (int i = 0; i < LogThrottle.LinesPerPeriod + 7; i++) Fail();
        _time.Advance(TimeSpan.FromMilliseconds(LogThrottle.PeriodMilliseconds));
        Fail();
        string[] lines = Lines();
        Assert.That(lines, Has.Length.EqualTo(LogThrottle.LinesPerPeriod + 1));
        Assert.That(JsonDocument.Parse(lines[^1]).RootElement.GetProperty("left_out").GetInt32(), Is.EqualTo(7));
    }

    [Test]
    public void A_key_that_a_stranger_writes_in_the_wrong_place_is_left_out()
    {
        Use();
        var key = PtthKey.Generate();
        _audit.AuthenticationFailed(Remote, "POST", $"/v1/listen/{key.Reveal()}", Authentication.Nobody(KeyVerdict.Missing), 401);
        _audit.Connect("laptop", Remote, new PortAddress("home", key.Reveal()), null, ConnectOutcome.NotAllowed);
        Assert.That(string.Concat(Lines()), Does.Contain("ptth_").And.Not.Contain(key.Reveal()[..20]));
    }

    [Test]
    public void Line_ends_and_quotes_of_a_stranger_make_no_lines()
    {
        Use();
        _audit.AdministrativeAct("close_tunnel", Remote, ("id", "x\"}\n{\"event\":\"admin\u2028"));
        Assert.That(Lines(), Has.Length.EqualTo(1));
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public void The_file_is_not_everybodys_and_is_added_to()
    {
        Use();
        _audit.Draining();
        _audit.Dispose();
        var next = new AuditLog(Own(new Ticker(_time)), _log);
        next.Use(new AuditFile(Path, "relay.toml", 1));
        next.Draining();
        next.Dispose();
        Assert.That(File.ReadAllLines(Path), Has.Length.EqualTo(2));
        Assert.That(File.GetUnixFileMode(Path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite), Is.EqualTo(UnixFileMode.None));
    }

    /// <remarks>As the old and the new process do during a restart, and as logrotate's copytruncate needs.</remarks>
    [Test]
    [Platform("Linux")]
    public void Two_that_write_to_one_file_overwrite_nothing()
    {
        Use();
        var other = new AuditLog(Own(new Ticker(_time)), _log);
        other.Use(new AuditFile(Path, "relay.toml", 1));
        for (int i = 0; i < 100; i++)
        {
            _audit.Stopped(1);
            other.Stopped(2);
        }

        other.Dispose();
        Assert.That(Lines().Count(static line => line.Contains("\"stop\"", StringComparison.Ordinal)), Is.EqualTo(200));
    }

    [Test]
    public void A_file_that_was_moved_away_is_made_anew_when_asked()
    {
        Use();
        _audit.Draining();
        string moved = Path + ".1";
        File.Move(Path, moved);
        Use();
        _audit.Stopped(0);
        Assert.That(Lines()[^1], Does.Contain("\"stop\""));
        Assert.That(File.ReadAllText(moved) + File.ReadAllText(Path), Does.Contain("\"drain\""), "it went to the one or the other");
    }

    [Test]
    public void A_file_that_cannot_be_opened_is_told_with_its_place_and_the_one_in_use_stays()
    {
        Use();
        ConfigException problem = Assert.Throws<ConfigException>(() => _audit.Use(new AuditFile(_directory.PathOf("no/audit.log"), "relay.toml", 7)))!;
        Assert.That(problem.Message, Is.EqualTo(
            $"relay.toml:7: audit_log: {_directory.PathOf("no/audit.log")} cannot be written (No such file or directory): "
            + "name a file in a directory that is there and that the program's user may write to"));
        _audit.Draining();
        Assert.That(Lines(), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform("Linux")]
    [CancelAfter(30_000)]
    public async Task A_full_disk_is_told_once_and_stops_nobody(CancellationToken token)
    {
        _audit.Use(new AuditFile("/dev/full", "relay.toml", 1));
        _audit.Draining();
        await _log.LineAsync("lines of the audit log are being lost: No space left on device", token);
        _audit.Draining();
        _audit.Dispose();
        Assert.That(_log.Lines, Has.Count.EqualTo(1));
    }

    private void Fail() => _audit.AuthenticationFailed(Remote, "POST", "/v1/listen/ssh", Authentication.Nobody(KeyVerdict.Unknown), 401);

    private void Use() => _audit.Use(new AuditFile(Path, "relay.toml", 1));

    /// <summary>All lines, once they have been written.</summary>
    private string[] Lines()
    {
        _audit.Dispose();
        return File.ReadAllLines(Path);
    }
}
