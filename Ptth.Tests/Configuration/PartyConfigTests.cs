using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

/// <summary>How long keys are good, two keys of one party, and where requests may come from.</summary>
internal sealed class PartyConfigTests
{
    private const string Hash1 = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    private const string Hash2 = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

    private const string ExpectedTime =
        "must be a date such as 2027-01-31, which is its end in UTC, or a time with its offset such as 2027-01-31T12:00:00Z, without quotes";

    private static readonly DateTimeOffset Now = new(2027, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TempDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [TestCase("2027-01-31T12:00:00Z", 0)]
    [TestCase("2027-01-31 14:00:00+02:00", 0)]
    [TestCase("2027-01-31T12:00:00.5Z", 0.5)]
    [TestCase("2027-01-31", 43_200)]
    [TestCase("2027-02-01", 129_600)]
    public void A_key_expires_at_a_time_or_at_the_end_of_a_date_in_UTC(string value, double secondsFromNow)
    {
        PartyKey key = Load($"expires = {value}", out _).Key;
        Assert.That(key, Is.EqualTo(new PartyKey(HashOf(Hash1), Now.AddSeconds(secondsFromNow))));
        Assert.That(key.Expires!.Value.Offset, Is.EqualTo(TimeSpan.Zero));
        Assert.That(Load($"old_key_hash = '{Hash2}'\nold_key_expires = {value}", out _).OldKey, Is.EqualTo(new PartyKey(HashOf(Hash2), Now.AddSeconds(secondsFromNow))));
    }

    [Test]
    public void The_last_date_is_for_ever() => Assert.That(Load("expires = 9999-12-31", out _).Key.Expires, Is.EqualTo(DateTimeOffset.MaxValue));

    [TestCase("2027-01-31T12:00:00")]
    [TestCase("12:00:00")]
    [TestCase("'2027-01-31'")]
    [TestCase("20270131")]
    public void A_time_needs_its_offset(string value)
    {
        AssertProblems($"expires = {value}", $"relay.toml:4: server.expires: {ExpectedTime}");
        AssertProblems($"old_key_hash = '{Hash2}'\nold_key_expires = {value}", $"relay.toml:5: server.old_key_expires: {ExpectedTime}");
    }

    [Test]
    public void Without_conditions_a_key_is_good_for_ever_and_everywhere()
    {
        ServerEntry server = Load("", out string[] notes);
        Assert.That((server.Key.Expires, server.OldKey, server.AllowFrom.Count), Is.EqualTo(((DateTimeOffset?)null, (PartyKey?)null, 0)));
        Assert.That(notes, Is.EqualTo(new[] { "relay.toml: client: none is configured: nobody can connect" }));
    }

    [Test]
    public void The_end_of_an_old_key_that_is_not_there_is_an_error() => AssertProblems("old_key_expires = 2027-01-31",
        "relay.toml:4: server.old_key_expires: is the end of old_key_hash, which is missing; the end of key_hash is \"expires\"");

    [Test]
    public void An_old_key_is_nobody_elses_either() => AssertProblems($"old_key_hash = '{Hash1}'",
        "relay.toml:4: server.old_key_hash: is used in line 3 already: give each party a key of its own");

    [Test]
    public void An_old_hash_is_a_hash() => AssertProblems("old_key_hash = 'sha256:1'",
        "relay.toml:4: server.old_key_hash: must be \"sha256:\" and 64 hex digits, as `ptth-relay keygen` prints it");

    [Test]
    public void Addresses_and_networks()
    {
        ServerEntry server = Load("allow_from = ['10.0.0.0/8', '2001:db8::/32',\n '192.0.2.7']", out _);
        Assert.That(server.AllowFrom, Is.EqualTo(new[] { IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("192.0.2.7/32") }));
    }

    [Test]
    public void What_is_no_address_is_an_error_at_its_line()
    {
        AssertProblems("allow_from = ['10.0.0.0/8',\n '10.0.0.1/8', 'home.example']",
            "relay.toml:5: server.allow_from: \"10.0.0.1/8\" must be an IP address or a network whose host bits are zero, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"",
            "relay.toml:5: server.allow_from: \"home.example\" must be an IP address or a network whose host bits are zero, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"");
        AssertProblems("allow_from = []", "relay.toml:4: server.allow_from: is empty: list where requests may come from, or leave it out for everywhere");
    }

    [TestCase("expires = 2027-02-15", "")]
    [TestCase("expires = 2027-02-13", "relay.toml:3: server.key_hash: this key of \"home\" expires at 2027-02-14T00:00:00Z; ptth-relay keygen makes a new one")]
    [TestCase("expires = 2027-01-31T12:00:00Z", "relay.toml:3: server.key_hash: this key of \"home\" expired at 2027-01-31T12:00:00Z; ptth-relay keygen makes a new one")]
    [TestCase($"old_key_hash = '{Hash2}'\nold_key_expires = 2027-02-01", "")]
    [TestCase($"old_key_hash = '{Hash2}'\nold_key_expires = 2027-01-30", "relay.toml:4: server.old_key_hash: this key of \"home\" expired at 2027-01-31T00:00:00Z; its lines can go")]
    public void Keys_that_have_expired_or_are_about_to_are_noted(string lines, string note)
    {
        Load(lines, out string[] notes);
        Assert.That(notes.Skip(1), Is.EqualTo(note.Length == 0 ? [] : new[] { note }));
    }

    private static KeyHash HashOf(string text) => KeyHash.TryParse(text, out KeyHash hash) ? hash : throw new ArgumentException(text, nameof(text));

    private ServerEntry Load(string lines, out string[] notes)
    {
        string path = _directory.Write("relay.toml", $"[[server]]\nname = 'home'\nkey_hash = '{Hash1}'\n{lines}");
        RelayConfig config = RelayConfigFile.Load(path, [], Now, out IReadOnlyList<ConfigProblem> found);
        notes = [.. found.Select(Relative)];
        return config.Servers.Single();
    }

    private void AssertProblems(string lines, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => Load(lines, out _))!;
        Assert.That(exception.Problems.Select(Relative), Is.EqualTo(expected));
    }

    private string Relative(ConfigProblem problem) => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}
