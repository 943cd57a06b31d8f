using NUnit.Framework;
using Ptth.Common.Toml;
using Ptth.Relay.Commands;
using Ptth.Relay.Configuration;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Audit;

/// <summary><c>audit_log</c> in relay.toml.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AuditConfigTests : InProcessTest
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void Start() => _directory = Own(new TempDirectory());

    [Test]
    public void None_is_written_unless_one_is_asked_for() => Assert.That(Load("").AuditLog, Is.Null);

    [Test]
    public void It_lies_beside_the_configuration_and_reading_makes_no_file()
    {
        Assert.That(Load("\naudit_log = \"audit.log\"\n").AuditLog, Is.EqualTo(new AuditFile(_directory.PathOf("audit.log"), _directory.PathOf("relay.toml"), 2)));
        Assert.That(File.Exists(_directory.PathOf("audit.log")), Is.False);
    }

    [TestCase("no/audit.log", "No such file or directory")]
    [TestCase("", "Is a directory")]
    [Platform("Linux")]
    public void One_that_cannot_be_written_is_told_with_its_line(string name, string reason)
    {
        ConfigException problem = Assert.Throws<ConfigException>(() => Load($"base_path = \"/v1\"\naudit_log = \"{name}\"\n"))!;
        Assert.That(problem.Message, Is.EqualTo(
            $"{_directory.PathOf("relay.toml")}:2: audit_log: {_directory.PathOf(name)} cannot be written ({reason}): "
            + "name a file in a directory that is there and that the program's user may write to"));
    }

    [Test]
    public async Task Check_names_it()
    {
        string path = _directory.Write("relay.toml", "audit_log = \"audit.log\"\n");
        ProgramRun run = await ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, ["check", "--config", path], "");
        Assert.That(run.Output, Does.Contain($"audit log to {_directory.PathOf("audit.log")}\n"));
    }

    private RelayConfig Load(string text) => RelayConfigFile.Load(_directory.Write("relay.toml", text), [], DateTimeOffset.UnixEpoch, out _);
}
