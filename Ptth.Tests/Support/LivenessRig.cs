using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Load.Faults;

namespace Ptth.Tests.Support;

/// <summary>A relay, a server-side proxy and a client-side proxy, as published, each on a host of its own, and an echo service behind them.</summary>
internal sealed class LivenessRig
{
    private const int RelayPort = 8080;
    private const int Message = 16;

    private static readonly IPEndPoint Forward = new(IPAddress.Loopback, 2222);

    /// <summary>How often a new connection is tried: each has its own time, so that none that hangs hides the others.</summary>
    private static readonly TimeSpan TryEach = TimeSpan.FromMilliseconds(200);

    private readonly TestScope _scope;

    private LivenessRig(TestScope scope, NetworkHosts hosts)
    {
        _scope = scope;
        Hosts = hosts;
    }

    /// <summary>The hosts.</summary>
    public NetworkHosts Hosts { get; }

    /// <summary>The relay's process.</summary>
    public RunningProgram Relay { get; private set; } = null!;

    /// <summary>The server-side proxy's process.</summary>
    public RunningProgram ServerProxy { get; private set; } = null!;

    /// <summary>The client-side proxy's process.</summary>
    public RunningProgram ClientProxy { get; private set; } = null!;

    /// <summary>Starts all of it, and moves bytes through it once; the test is left out where the system has no network namespaces for this user.</summary>
    public static async Task<LivenessRig> StartAsync(TestScope scope, CancellationToken token, string limits = "")
    {
        (NetworkHosts? hosts, string why) = await NetworkHosts.TryMakeAsync(token);
        if (hosts is null) Assert.Ignore($"no network namespaces for this user: {why}");
        scope.Own(hosts!);
        var rig = new LivenessRig(scope, hosts!);
        TcpService echo = scope.Own(NetworkNamespace.Within(hosts!["server"], TcpService.Echo));
        MadeKey server = await MadeKey.MakeAsync(token), client = await MadeKey.MakeAsync(token);
        foreach ((int i, IPAddress address) in NetworkHosts.RelayAddresses.Index())
        {
            scope.Folder.Write($"relay{i}.toml", $"""
                listen = ["{address}:{RelayPort}"]
                [limits]
                {limits}
                [[server]]
                name = "home"
                key_hash = "{server.Hash}"
                [[client]]
                name = "laptop"
                key_hash = "{client.Hash}"
                allow = ["home/*"]
                """);
        }

        string url = $"relay = \"http://{NetworkHosts.RelayName}:{RelayPort}\"";
        scope.Folder.Write("server.toml", $"{url}\nkey = \"{server.Key}\"\n[[port]]\nname = \"echo\"\ntarget = \"{echo.EndPoint}\"\n");
        scope.Folder.Write("client.toml", $"{url}\nkey = \"{client.Key}\"\n[[forward]]\nlisten = \"{Forward}\"\nto = \"home/echo\"\n");
        await rig.StartRelayAsync(0);
        await rig.StartServerProxyAsync();
        rig.ClientProxy = rig.Start("client", Repository.Proxy, "client", "--config", scope.Folder.File("client.toml"));
        await rig.ClientProxy.WaitUntilReadyAsync();
        using Socket first = await rig.OpenAsync(token);
        return rig;
    }

    /// <summary>Starts a relay on one of its addresses.</summary>
    public async Task StartRelayAsync(int address)
    {
        Relay = Start("relay", Repository.Relay, "run", "--config", _scope.Folder.File($"relay{address}.toml"));
        await Relay.WaitUntilReadyAsync();
    }

    /// <summary>Starts the server-side proxy.</summary>
    public async Task StartServerProxyAsync()
    {
        ServerProxy = Start("server", Repository.Proxy, "server", "--config", _scope.Folder.File("server.toml"));
        await ServerProxy.WaitUntilReadyAsync();
    }

    /// <summary>From now on no packet of any connection between proxies and relay gets through.</summary>
    public Task ForgetConnectionsAsync(CancellationToken token) => Hosts.ForgetConnectionsAsync(new IPEndPoint(NetworkHosts.RelayAddresses[0], RelayPort), token);

    /// <summary>A tunnel that has carried bytes there and back.</summary>
    public async Task<Socket> OpenAsync(CancellationToken token)
    {
        Socket socket = await Hosts.ConnectAsync("client", Forward, token);
        try
        {
            await EchoAsync(socket, token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>How long it takes until a new connection carries bytes there and back, and one after it, too.</summary>
    public async Task<TimeSpan> ServesAgainAsync(CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var timer = new PeriodicTimer(TryEach);
        List<Task<bool>> tries = [];
        do
        {
            tries.Add(TryAsync(over.Token));
            await timer.WaitForNextTickAsync(token);
        }
        while (!tries.Any(static attempt => attempt is { IsCompletedSuccessfully: true, Result: true }));

        TimeSpan taken = clock.Elapsed;
        (await OpenAsync(token)).Dispose();
        await over.CancelAsync();
        await Task.WhenAll(tries);
        return taken;
    }

    private async Task<bool> TryAsync(CancellationToken token)
    {
        try
        {
            (await OpenAsync(token)).Dispose();
            return true;
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task EchoAsync(Socket socket, CancellationToken token)
    {
        byte[] message = new byte[Message];
        Random.Shared.NextBytes(message);
        await socket.SendAllAsync(message, token);
        byte[] back = new byte[Message];
        for (int received = 0, more; received < Message; received += more)
        {
            more = await socket.ReceiveAsync(back.AsMemory(received), token);
            if (more == 0) throw new IOException("the stream ended");
        }

        if (!message.AsSpan().SequenceEqual(back)) throw new InvalidOperationException("other bytes came back");
    }

    private RunningProgram Start(string host, string file, params string[] arguments)
    {
        (string program, string[] all) = Hosts.On(host, file, arguments);
        return _scope.Start(host, program, all);
    }
}
