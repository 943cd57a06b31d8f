using NUnit.Framework;

namespace Ptth.Tests.Packaging;

/// <summary>Each option and each key that exists is in a man page and in docs/operations.md, and those have no other.</summary>
internal sealed class DocumentationTests
{
    [TestCase("ptth-relay")]
    [TestCase("ptth-proxy")]
    public void The_man_page_has_every_command_and_option(string program)
    {
        ProgramOptions options = ProgramOptions.Of(program);
        var page = new ManPage(program + ".1");

        Assert.That(page.Commands, Is.EquivalentTo(options.Commands));
        Assert.That(page.Options, Is.EquivalentTo(options.All));
        foreach (string command in options.Commands)
            Assert.That(page.SynopsisOf(command), Is.EquivalentTo(options.OwnOf(command)), $"the synopsis of {command}");
    }

    [TestCase("ptth-relay")]
    [TestCase("ptth-proxy")]
    public void The_operations_manual_has_every_command_and_option(string program)
    {
        ProgramOptions options = ProgramOptions.Of(program);
        (string Option, string[] Commands)[] documented = [.. OperationsManual.OptionsOf(program, [.. options.Commands])];

        Assert.That(OperationsManual.CommandsOf(program), Is.EquivalentTo(options.Commands));
        foreach (string command in options.Commands)
            Assert.That(documented.Where(row => row.Commands.Contains(command)).Select(row => row.Option), Is.EquivalentTo(options.OwnOf(command)), command);
        Assert.That(OperationsManual.SharedOptions, Is.EquivalentTo(options.Shared));
    }

    [Test]
    public async Task The_relays_keys_are_documented_and_no_others()
    {
        SortedSet<string> keys = await ConfigurationKeys.OfRelayAsync();

        Assert.That(keys, Is.SupersetOf((string[])["listen", "tls.private_key", "limits.max_tunnels", "timeouts.idle", "server.key_hash", "client.allow"]));
        Assert.That(new ManPage("ptth-relay.toml.5").Keys, Is.EquivalentTo(keys));
        Assert.That(OperationsManual.Keys("relay.toml").Select(key => key.Key), Is.EquivalentTo(keys));
    }

    [Test]
    public async Task The_proxies_keys_are_documented_and_no_others()
    {
        SortedSet<string> server = await ConfigurationKeys.OfProxyAsync("server"), client = await ConfigurationKeys.OfProxyAsync("client");
        (string Key, string Of)[] documented = [.. OperationsManual.Keys("server.toml and client.toml")];

        Assert.That(server, Is.SupersetOf((string[])["relay", "port.target", "tls.pin", "timeouts.idle", "listens"]));
        Assert.That(client, Is.SupersetOf((string[])["relay", "forward.to", "tls.pin", "timeouts.idle", "connect_wait"]));
        Assert.That(new ManPage("ptth-proxy.toml.5").Keys, Is.EquivalentTo(server.Union(client)));
        Assert.That(documented.Where(key => key.Of is "both" or "server").Select(key => key.Key), Is.EquivalentTo(server));
        Assert.That(documented.Where(key => key.Of is "both" or "client").Select(key => key.Key), Is.EquivalentTo(client));
    }
}
