using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A real Squid of its own: one process, no cache, no files but the test's.</summary>
internal sealed class Squid : IDisposable
{
    private readonly string _name;

    private Squid(string name) => _name = name;

    /// <summary>Starts Squid.</summary>
    public static async Task StartAsync(TestScope scope, IPEndPoint endPoint, CompanyProxyPlan plan, string password, CancellationToken token)
    {
        // What it shares between processes has the service's name: letters and digits.
        var squid = scope.Own(new Squid($"ptth{endPoint.Port}"));
        // Started by root it becomes another user, who reads its files.
        TemporaryFolder.SetMode(scope.Folder.Path, (UnixFileMode)0b111_001_001);
        var login = plan.HasLogin ? await WriteLoginAsync(scope, plan.User, password, token) : "";
        WriteReadable(scope, "hosts", plan.Hosts + "\n");
        var config = WriteReadable(
            scope,
            "squid.conf",
            $"""
            http_port {endPoint}
            visible_hostname squid.test
            hosts_file {scope.Folder.File("hosts")}
            {login}
            acl relay_port port {plan.RelayPort}
            {(plan.Refuses ? "http_access deny all" : "")}
            http_access deny !relay_port
            {(plan.HasLogin ? "acl known proxy_auth REQUIRED\nhttp_access deny !known" : "")}
            http_access allow localhost
            http_access deny all
            cache deny all
            cache_mem 8 MB
            memory_pools off
            pid_filename none
            access_log none
            cache_log /dev/null
            cache_effective_user proxy
            shutdown_lifetime 0 seconds

            """);
        var program = scope.Start("squid", Path, ["-N", "-n", squid._name, "-d", "1", "-f", config]);
        await program.WaitForLineAsync("Accepting HTTP Socket connections");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What it leaves in memory when it is killed.
        foreach (var file in Directory.EnumerateFiles("/dev/shm", _name + "-*"))
            File.Delete(file);
    }

    // The distribution keeps it where an ordinary user's search path does not look.
    private static string Path => File.Exists("/usr/sbin/squid") ? "/usr/sbin/squid" : "squid";

    private static async Task<string> WriteLoginAsync(TestScope scope, string user, string password, CancellationToken token)
    {
        var hash = await Command.RunAsync("openssl", ["passwd", "-apr1", password], token);
        if (hash.ExitCode != 0)
            throw new InvalidOperationException($"openssl: {hash}");
        var file = WriteReadable(scope, "passwords", $"{user}:{hash.Output.Trim()}\n");
        return $"""
            auth_param basic program /usr/lib/squid/basic_ncsa_auth {file}
            auth_param basic children 2 startup=1
            auth_param basic realm the company
            """;
    }

    private static string WriteReadable(TestScope scope, string name, string text)
    {
        var path = scope.Folder.Write(name, text);
        TemporaryFolder.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }
}
