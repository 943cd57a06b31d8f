using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Http.Transport;
using Ptth.Proxy;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Reloading;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>The proxies as their programs run them: ready, drained, stopped.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProxyHostTests : InProcessTest
{
    private readonly InProcessRelay _relay;
    private readonly InProcessLog _log;
    private readonly ProcessLifetime _lifetime;

    public ProxyHostTests()
    {
        _relay = Own(new InProcessRelay());
        _log = Own(new InProcessLog());
        _lifetime = Own(new ProcessLifetime(TimeSpan.FromMinutes(1), new FakeTimeProvider(), NullLogger.Instance));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_forwards_until_it_is_drained([Values] bool open, CancellationToken token)
    {
        Task<int> running = RunClientAsync(new IPEndPoint(IPAddress.Loopback, 0));
        string ready = await _log.LineAsync("ready", token);
        IPEndPoint forward = IPEndPoint.Parse(ready.Split(' ')[2]);
        using InProcessPeer local = await InProcessPeer.ConnectAsync(forward, token);
        await _relay.UntilWaitingAsync(0, 1, token);

        _lifetime.Signal();
        if (open)
        {
            Assert.That(running.IsCompleted, Is.False);
            // A second signal breaks off what is open.
            _lifetime.Signal();
        }
        else
        {
            _relay.Advance(10);
        }

        Assert.That(await running.ComesAsync(token), Is.EqualTo(ExitCodes.Ok));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_whose_address_is_taken_fails(CancellationToken token)
    {
        using var other = new TcpListenerLoop(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);

        Assert.That(await RunClientAsync(new IPEndPoint(IPAddress.Loopback, 0), other.LocalEndPoint).ComesAsync(token), Is.EqualTo(ExitCodes.Failed));
        Assert.That(_log.Errors.Single(), Does.Contain(other.LocalEndPoint.ToString()).And.Contain("another program"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_that_says_that_it_is_ready_can_be_asked_to_read_its_configuration_again(CancellationToken token)
    {
        bool? wasReady = null;
        var hangup = new HangupSignal();
        ClientProxyConfig config = ConfigOf(new IPEndPoint(IPAddress.Loopback, 0));
        var reload = new ProxyReload<ClientProxyConfig>(
            taker =>
            {
                wasReady = _log.Lines.Any(static line => line.StartsWith("ready", StringComparison.Ordinal));
                return hangup.Register(taker);
            },
            () => config,
            HasFile: true);

        Task<int> running = ClientProxy.RunAsync(config, _log, _lifetime, reload: reload);
        await _log.LineAsync("ready", token);
        Assert.That(wasReady, Is.False, "whether it said so before");
        hangup.Signal();
        Assert.That(_log.Lines, Has.Some.EqualTo("configuration read again: nothing has changed"));

        _lifetime.Signal();
        Assert.That(await running.ComesAsync(token), Is.EqualTo(ExitCodes.Ok));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_listens_until_it_is_drained(CancellationToken token)
    {
        Task<int> running = ServerProxy.RunAsync(
            new ServerProxyConfig
            {
                Relay = InProcessServerProxy.UrlOf(_relay.EndPoint),
                Key = InProcessRelay.Home,
                Ports = [NewPort("ssh"), NewPort("http")],
                ListensPerPort = 3,
            },
            _log,
            _lifetime);
        await _relay.UntilWaitingAsync(6, 0, token);
        _relay.Advance(1);
        Assert.That(await _log.LineAsync("ready", token), Does.Contain("ssh -> 127.0.0.1:1, http -> 127.0.0.1:1").And.Contain($"http://{_relay.EndPoint}/v1"));

        _lifetime.Signal();

        Assert.That(await running.ComesAsync(token), Is.EqualTo(ExitCodes.Ok));
        await InProcessWait.UntilAsync(() => _relay.Server.Connections == 0, "the relay has none left", token);
    }

    private Task<int> RunClientAsync(params IPEndPoint[] listen) => ClientProxy.RunAsync(ConfigOf(listen), _log, _lifetime);

    private ClientProxyConfig ConfigOf(params IPEndPoint[] listen) => new()
    {
        Relay = InProcessServerProxy.UrlOf(_relay.EndPoint),
        Key = InProcessRelay.Laptop,
        Forwards = [.. listen.Select(static address => new Forward(address, "home", "ssh"))],
    };

    private static PortMapping NewPort(string name) =>
        new(name, HostPort.TryParse("127.0.0.1:1", out HostPort? target) ? target : throw new InvalidOperationException());
}
