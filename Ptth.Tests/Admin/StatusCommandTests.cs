using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Commands;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Admin;

/// <summary><c>ptth-relay status</c> against an admin listener, and against what is none.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StatusCommandTests : InProcessTest
{
    private static readonly PtthKey Key = PtthKey.Generate();

    private readonly InProcessRelay _relay;

    public StatusCommandTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task It_prints_text_and_JSON(CancellationToken token)
    {
        using var admin = new InProcessAdmin(_relay);

        ProgramRun text = await RunAsync(token, "--admin", $"{admin.EndPoint}");
        ProgramRun json = await RunAsync(token, "--admin", $"{admin.EndPoint}", "--json");

        Assert.That(text.Output, Does.StartWith("ptth-relay 0.1.0: running, up for ").And.Contain("\nhome  ").And.Contain("no tunnel is open\n"));
        Assert.That(text.Output.Split('\n'), Has.All.Length.LessThanOrEqualTo(80));
        Assert.That((text.ExitCode, text.Error), Is.EqualTo((0, "")));
        Assert.That(json.Output, Does.Match("^\\{\"version\":\"0.1.0\",[^\n]*\\}\n$"));
        Assert.That((json.ExitCode, json.Error), Is.EqualTo((0, "")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_key_comes_from_a_file_or_the_environment(CancellationToken token)
    {
        using var admin = new InProcessAdmin(_relay, Key);
        using var directory = new TempDirectory();
        string file = directory.Write("admin.key", Key.Reveal() + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead);

        ProgramRun none = await RunAsync(token, "--admin", $"{admin.EndPoint}");
        ProgramRun fromFile = await RunAsync(token, "--admin", $"{admin.EndPoint}", "--key-file", file);
        ProgramRun fromVariable = await ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, ["status", "--admin", $"{admin.EndPoint}"], key: Key.Reveal());

        Assert.That(none.ExitCode, Is.EqualTo(1));
        Assert.That(none.Error, Does.StartWith($"ptth-relay: {admin.EndPoint} answered 401").And.Contain("--key-file").And.Contain("PTTH_ADMIN_KEY").And.Not.Contain(Key.Reveal()));
        Assert.That((fromFile.ExitCode, fromFile.Error), Is.EqualTo((0, "")));
        Assert.That((fromVariable.ExitCode, fromVariable.Error), Is.EqualTo((0, "")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_no_admin_listener_is_told(CancellationToken token)
    {
        using var service = new TcpService();
        service.ServeEach(static async socket =>
        {
            await socket.SendAllAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray(), CancellationToken.None);
            await socket.ReceiveToEndAsync(CancellationToken.None);
        });
        IPEndPoint nobody = FreePort.Take();

        ProgramRun closed = await RunAsync(token, "--admin", $"{nobody}");
        ProgramRun public_ = await RunAsync(token, "--admin", $"{_relay.EndPoint}");
        ProgramRun other = await RunAsync(token, "--admin", $"{service.EndPoint}");

        Assert.That(closed.Error, Does.StartWith("ptth-relay: no answer from ").And.Contain("connection refused").And.Contain($"`admin = \"{nobody}\"`"));
        Assert.That(public_.Error, Does.StartWith($"ptth-relay: {_relay.EndPoint} answered 404").And.Contain("not one that it listens on for proxies"));
        Assert.That(other.Error, Does.StartWith($"ptth-relay: {service.EndPoint} answered something that is not a relay's status"));
        Assert.That(new[] { closed.ExitCode, public_.ExitCode, other.ExitCode }, Is.All.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_address_comes_from_the_configuration_too(CancellationToken token)
    {
        using var admin = new InProcessAdmin(_relay);
        using var directory = new TempDirectory();
        string with = directory.Write("with.toml", $"admin = \"{admin.EndPoint}\"\n");
        string without = directory.Write("without.toml", "base_path = \"/v1\"\n");

        Assert.That((await RunAsync(token, "--config", with)).ExitCode, Is.Zero);
        (await RunAsync(token, "--config", without)).AssertUsage("ptth-relay status",
            $"{without}: the relay has no admin listener: set admin = \"127.0.0.1:8081\" there and restart the relay");
        (await RunAsync(token, "--admin", "8081")).AssertUsage("ptth-relay status",
            "--admin 8081: must be HOST:PORT, such as \"127.0.0.1:22\", \"[::1]:22\" or \"db.example:5432\"");
    }

    private static Task<ProgramRun> RunAsync(CancellationToken token, params string[] arguments) =>
        ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, ["status", .. arguments]).ComesAsync(token);
}
