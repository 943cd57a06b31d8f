using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>
/// A relay, a server-side proxy and a client-side proxy, as published, each a process of its own on loopback.
/// Any of them can be killed and started again at the same address.
/// </summary>
internal sealed class TunnelRig
{
    private readonly TestScope _scope;
    private readonly RigPlan _plan;
    private readonly Dictionary<string, IPEndPoint> _forwards;
    private readonly ManagedSocket? _relaySocket;

    private TunnelRig(TestScope scope, RigPlan plan, MadeKey server, MadeKey otherServer, MadeKey client, MadeKey otherClient)
    {
        _scope = scope;
        _plan = plan;
        ServerKey = server;
        OtherServerKey = otherServer;
        ClientKey = client;
        OtherClientKey = otherClient;
        ServerName = scope.NewName();
        OtherServerName = scope.NewName();
        ClientName = scope.NewName();
        MissingServerName = scope.NewName();
        if (plan.RelayIsManaged) _relaySocket = scope.Own(new ManagedSocket(RelayEndPoint));
        _forwards = plan.Targets.Keys.ToDictionary(port => port, _ => FreePort.Take());
    }

    /// <summary>Where the relay listens.</summary>
    public IPEndPoint RelayEndPoint { get; } = FreePort.Take();

    /// <summary>The relay's URL without a path, or that of what is in front of it.</summary>
    public string RelayUrl => $"{(_plan.Certificate is not null ? "https" : "http")}://{Front?.EndPoint ?? RelayEndPoint}";

    /// <summary>What the relay's paths begin with.</summary>
    public string BasePath => _plan.Front is null ? "/v1" : ReverseProxy.BasePath;

    /// <summary>What is in front of the relay; null where nothing is.</summary>
    public ReverseProxy? Front { get; private set; }

    /// <summary>The arguments by which curl trusts the relay; none where that is plain HTTP.</summary>
    public string[] CurlTrust => _plan.Certificate is not null ? ["--cacert", _scope.Folder.File("root.pem")] : [];

    /// <summary>The arguments by which a proxy trusts the relay; none where that is plain HTTP.</summary>
    public string[] ProxyTrust => _plan.Certificate is not null ? ["--ca-file", _scope.Folder.File("root.pem")] : [];

    /// <summary>The name of the server that the server-side proxy is.</summary>
    public string ServerName { get; }

    /// <summary>Another server that the relay knows, and that <see cref="ClientKey"/> may not reach.</summary>
    public string OtherServerName { get; }

    /// <summary>A server that <see cref="ClientKey"/> may reach and that the relay does not know.</summary>
    public string MissingServerName { get; }

    /// <summary>The name of the client that the client-side proxy is.</summary>
    public string ClientName { get; }

    /// <summary>The key of the server-side proxy.</summary>
    public MadeKey ServerKey { get; }

    /// <summary>The key of <see cref="OtherServerName"/>.</summary>
    public MadeKey OtherServerKey { get; }

    /// <summary>The key of the client-side proxy: it may reach all ports of <see cref="ServerName"/>.</summary>
    public MadeKey ClientKey { get; }

    /// <summary>The key of a client that may reach all ports of <see cref="OtherServerName"/> alone.</summary>
    public MadeKey OtherClientKey { get; }

    /// <summary>The proxy on the proxies' way to the relay; null where the way is direct.</summary>
    public CompanyProxy? Company { get; private set; }

    /// <summary>The relay's process.</summary>
    public RunningProgram Relay { get; private set; } = null!;

    /// <summary>The server-side proxy's process.</summary>
    public RunningProgram ServerProxy { get; private set; } = null!;

    /// <summary>The client-side proxy's process.</summary>
    public RunningProgram ClientProxy { get; private set; } = null!;

    /// <summary>Starts all three, the relay first, each once the one before is ready.</summary>
    public static async Task<TunnelRig> StartAsync(TestScope scope, RigPlan plan, CancellationToken token)
    {
        var keys = await Task.WhenAll(
            MadeKey.MakeAsync(token), MadeKey.MakeAsync(token), MadeKey.MakeAsync(token), MadeKey.MakeAsync(token));
        var rig = new TunnelRig(scope, plan, keys[0], keys[1], keys[2], keys[3]);
        if (plan.Company is { } company)
            rig.Company = await CompanyProxy.StartAsync(scope, company with { RelayPort = rig.RelayEndPoint.Port }, token);
        if (plan.Front is { } front)
            rig.Front = await ReverseProxy.StartAsync(scope, front, rig.RelayEndPoint, plan.Certificate!, plan.FrontHoldsRequests, token);
        rig.WriteConfiguration();
        await rig.StartRelayAsync();
        if (plan.Targets.Count > 0)
        {
            await rig.StartServerProxyAsync();
            await rig.StartClientProxyAsync();
        }

        return rig;
    }

    /// <summary>Starts all three with one forwarded port.</summary>
    public static Task<TunnelRig> StartAsync(TestScope scope, string port, IPEndPoint target, CancellationToken token) =>
        StartAsync(scope, new RigPlan { Targets = { [port] = target } }, token);

    /// <summary>A relay alone, for tests that are its proxies themselves.</summary>
    public static Task<TunnelRig> StartRelayAloneAsync(TestScope scope, CancellationToken token) =>
        StartAsync(scope, new RigPlan(), token);

    /// <summary>Where the client-side proxy listens for a port.</summary>
    public IPEndPoint Forward(string port) => _forwards[port];

    /// <summary>A TCP connection through the tunnel.</summary>
    public Task<Socket> ConnectAsync(string port, CancellationToken token) => TcpStreams.ConnectAsync(Forward(port), token);

    /// <summary>The path of a connect request for a port of <see cref="ServerName"/>.</summary>
    public string ConnectPath(string port) => $"{BasePath}/connect/{ServerName}/{port}";

    /// <summary>Starts the relay; it must not be running, unless its socket is managed.</summary>
    public async Task StartRelayAsync()
    {
        string[] arguments = ["run", "--config", _scope.Folder.File("relay.toml"), .. Drain(_plan.RelayDrainSeconds)];
        (string file, arguments) = _relaySocket?.Wrap(Repository.Relay, arguments) ?? _plan.RelayMemory?.Wrap(Repository.Relay, arguments) ?? (Repository.Relay, arguments);
        Relay = _scope.Start("relay", file, arguments);
        await Relay.WaitUntilReadyAsync(RelayEndPoint.ToString());
    }

    /// <summary>Starts the server-side proxy; it must not be running.</summary>
    public async Task StartServerProxyAsync()
    {
        ServerProxy = _scope.Start("server-side proxy", Repository.Proxy, ["server", "--config", _scope.Folder.File("server.toml"), .. Drain(_plan.ProxyDrainSeconds), .. _plan.ProxyArguments], environment: _plan.ProxyEnvironment);
        await ServerProxy.WaitUntilReadyAsync();
    }

    /// <summary>Starts the client-side proxy; it must not be running.</summary>
    public async Task StartClientProxyAsync()
    {
        ClientProxy = _scope.Start("client-side proxy", Repository.Proxy, ["client", "--config", _scope.Folder.File("client.toml"), .. Drain(_plan.ProxyDrainSeconds), .. _plan.ProxyArguments], environment: _plan.ProxyEnvironment);
        foreach (var (port, endPoint) in _forwards)
            await ClientProxy.WaitUntilReadyAsync(endPoint.ToString(), $"{ServerName}/{port}");
    }

    /// <summary>Puts another certificate into the place of the relay's, as renewals do.</summary>
    public void WriteCertificate(MadeCertificate certificate)
    {
        _scope.Folder.Write("relay.pem", certificate.ChainPem);
        _scope.Folder.Write("relay-key.pem", certificate.KeyPem);
    }

    /// <summary>How many sockets the relay has open.</summary>
    public int RelaySockets() => ProcessFacts.Sockets(Relay.Id);

    /// <summary>The relay's sockets once their number has kept still: no tunnel is being opened or closed.</summary>
    public Task<long> SettledRelaySocketsAsync(CancellationToken token) =>
        Eventually.SettlesAsync(() => RelaySockets(), "the number of the relay's sockets", TimeSpan.FromMilliseconds(400), token);

    /// <summary>Waits until the relay has no more sockets than <paramref name="before"/>.</summary>
    public Task RelaySocketsFallToAsync(long before, CancellationToken token) =>
        Eventually.HoldsAsync(
            () => RelaySockets() <= before,
            () => $"the relay's sockets fall to {before}; there are {RelaySockets()}",
            TimeSpan.FromSeconds(5),
            token);

    private static string[] Drain(int? seconds) =>
        seconds is { } s ? ["--drain", s.ToString(CultureInfo.InvariantCulture)] : [];

    private void WriteConfiguration()
    {
        _scope.Folder.Write("server.key", ServerKey.Key + "\n");
        _scope.Folder.Write("client.key", ClientKey.Key + "\n");
        if (_plan.Certificate is { } certificate)
        {
            WriteCertificate(certificate);
            _scope.Folder.Write("root.pem", certificate.RootPem);
        }

        _scope.Folder.Write(
            "relay.toml",
            $"""
            listen = ["{RelayEndPoint}"]
            {_plan.RelayKeys}
            base_path = "{BasePath}"
            {(_plan.Front is null ? "" : "trusted_proxies = [\"127.0.0.1\"]")}

            {_plan.RelayTables}
            {(_plan.Certificate is not null && _plan.Front is null ? "[tls]\ncertificate = \"relay.pem\"\nprivate_key = \"relay-key.pem\"" : "")}

            [[server]]
            name = "{ServerName}"
            key_hash = "{ServerKey.Hash}"

            [[server]]
            name = "{OtherServerName}"
            key_hash = "{OtherServerKey.Hash}"

            [[client]]
            name = "{ClientName}"
            key_hash = "{ClientKey.Hash}"
            allow = ["{ServerName}/*", "{MissingServerName}/*"]

            [[client]]
            name = "{_scope.NewName()}"
            key_hash = "{OtherClientKey.Hash}"
            allow = ["{OtherServerName}/*"]

            """);
        _scope.Folder.Write("server.toml", Head("server.key") + string.Concat(_plan.Targets.Select(
            t => $"\n[[port]]\nname = \"{t.Key}\"\ntarget = \"{t.Value}\"\n")));
        _scope.Folder.Write("client.toml", _plan.ClientKeys + "\n" + Head("client.key") + string.Concat(_forwards.Select(
            f => $"\n[[forward]]\nlisten = \"{f.Value}\"\nto = \"{ServerName}/{f.Key}\"\n")));
    }

    private string Head(string keyFile) =>
        $"relay = \"{RelayUrl}{BasePath}\"\nkey_file = \"{_scope.Folder.File(keyFile)}\"\n{(Company is not null ? $"proxy = \"{Company.Url}\"\n" : "")}{(_plan.Certificate is not null && _plan.ProxyTls.Length > 0 ? $"[tls]\n{_plan.ProxyTls}\n" : "")}";
}
