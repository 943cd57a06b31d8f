using System.Net;

namespace Ptth.Tests.Support;

/// <summary>An nginx in front of a relay, whose directives the test gives. It can be killed and started again at the same address, and reloaded.</summary>
internal sealed class RelayNginx
{
    private readonly TestScope _scope;
    private readonly string _name;

    /// <summary>One that does not run yet.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="name">What it is called in a test's output, and its folder.</param>
    /// <param name="relay">Where the relay is.</param>
    /// <param name="directives">What stands in its location, besides where the relay is.</param>
    /// <param name="speaksHttp11">Whether it speaks HTTP/1.1 to the relay, as it is to, or what it does where nothing is said.</param>
    /// <param name="hasWorkers">Whether it has a master and a worker, as it has to have to be reloaded, or is one process.</param>
    public RelayNginx(TestScope scope, string name, IPEndPoint relay, string directives, bool speaksHttp11 = true, bool hasWorkers = false)
    {
        _scope = scope;
        _name = name;
        Nginx.WriteConfig(
            scope,
            name,
            $$"""
            upstream relay {
                server {{relay}};
                keepalive 16;
            }
            server {
                listen {{EndPoint}};
                location / {
                    proxy_pass http://relay;
                    {{(speaksHttp11 ? "proxy_http_version 1.1; proxy_set_header Connection \"\";" : "")}}
                    {{directives}}
                }
            }
            """,
            hasWorkers);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; } = FreePort.Take();

    /// <summary>The process that was started last.</summary>
    public RunningProgram Program { get; private set; } = null!;

    /// <summary>Starts it; it must not be running.</summary>
    public async Task StartAsync() => Program = await Nginx.RunAsync(_scope, _name);

    /// <summary>Has it read its configuration again, and waits until the worker that was there has been told to finish.</summary>
    public async Task ReloadAsync(CancellationToken token)
    {
        const string Told = "gracefully shutting down";
        int before = Program.Log.Count(Told);
        Program.Send(RunningProgram.Signal.Hangup);
        await Eventually.HoldsAsync(() => Program.Log.Count(Told) > before, () => "nginx is reloaded", TimeSpan.FromSeconds(10), token);
    }
}
