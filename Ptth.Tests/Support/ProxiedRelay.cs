using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A relay with an nginx in front of it, whose directives the test gives, and the two proxies that go through that.</summary>
internal sealed class ProxiedRelay
{
    private readonly TestScope _scope;
    private readonly TunnelRig _rig;

    private ProxiedRelay(TestScope scope, TunnelRig rig, RelayNginx nginx)
    {
        _scope = scope;
        _rig = rig;
        Nginx = nginx;
        EndPoint = nginx.EndPoint;
    }

    /// <summary>What is in front of the relay.</summary>
    public RelayNginx Nginx { get; }

    /// <summary>Where proxies that are started from now on take the relay to be: nginx, unless the test puts something in front of that, too.</summary>
    public IPEndPoint EndPoint { get; set; }

    /// <summary>Where the client-side proxy listens.</summary>
    public IPEndPoint Forward { get; } = FreePort.Take();

    /// <summary>The server-side proxy.</summary>
    public RunningProgram ServerProxy { get; private set; } = null!;

    /// <summary>The client-side proxy.</summary>
    public RunningProgram ClientProxy { get; private set; } = null!;

    /// <summary>Starts nginx.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="rig">The relay, alone.</param>
    /// <param name="directives">What stands in its location, besides where the relay is.</param>
    /// <param name="speaksHttp11">Whether it speaks HTTP/1.1 to the relay, as it is to, or what it does where nothing is said.</param>
    /// <param name="hasWorkers">Whether it can be reloaded.</param>
    public static async Task<ProxiedRelay> StartAsync(TestScope scope, TunnelRig rig, string directives, bool speaksHttp11 = true, bool hasWorkers = false)
    {
        var path = new ProxiedRelay(scope, rig, new RelayNginx(scope, "path", rig.RelayEndPoint, directives, speaksHttp11, hasWorkers));
        await path.Nginx.StartAsync();
        return path;
    }

    /// <summary>Starts the server-side proxy, with further keys for its configuration.</summary>
    public async Task StartServerProxyAsync(IPEndPoint target, string keys = "")
    {
        ServerProxy = Start("server", _rig.ServerKey, keys, $"[[port]]\nname = \"port\"\ntarget = \"{target}\"\n");
        await ServerProxy.WaitUntilReadyAsync();
    }

    /// <summary>Starts the client-side proxy, with further keys for its configuration.</summary>
    public async Task StartClientProxyAsync(string keys = "")
    {
        ClientProxy = Start("client", _rig.ClientKey, keys, $"[[forward]]\nlisten = \"{Forward}\"\nto = \"{_rig.ServerName}/port\"\n");
        await ClientProxy.WaitUntilReadyAsync(Forward.ToString());
    }

    private RunningProgram Start(string kind, MadeKey key, string keys, string table)
    {
        _scope.Folder.Write($"path-{kind}.key", key.Key + "\n");
        string config = _scope.Folder.Write($"path-{kind}.toml", $"relay = \"http://{EndPoint}\"\nkey_file = \"path-{kind}.key\"\n{keys}\n{table}");
        return _scope.Start($"{kind}-side proxy", Repository.Proxy, [kind, "--config", config]);
    }
}
