using System.Net;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>
/// A real server of its own that ends TLS in front of a relay, started with its configuration in docs/behind. Of that file nothing is
/// changed but the values that <see cref="Local"/> lists: addresses, files, and folders.
/// </summary>
internal sealed class ReverseProxy
{
    /// <summary>What the relay's paths begin with in all of the configurations.</summary>
    public const string BasePath = "/tunnel/v1";

    /// <summary>What the site answers at its root.</summary>
    public const string SiteText = "the site";

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(20);

    private ReverseProxy(IPEndPoint endPoint, RunningProgram program)
    {
        EndPoint = endPoint;
        Program = program;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Its process.</summary>
    public RunningProgram Program { get; }

    /// <summary>Starts it; the relay need not be there.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="kind">Which server.</param>
    /// <param name="relay">Where the relay is.</param>
    /// <param name="certificate">What it shows.</param>
    /// <param name="holdsRequests">Whether it is set up, other than documented, to hold a request's body back until that ends.</param>
    /// <param name="token">Ends the wait until it listens.</param>
    public static async Task<ReverseProxy> StartAsync(
        TestScope scope, Intermediary kind, IPEndPoint relay, MadeCertificate certificate, bool holdsRequests, CancellationToken token)
    {
        var endPoint = FreePort.Take();
        var folder = Prepare(scope, certificate);
        var (file, values) = Local(kind, endPoint, relay, folder);
        if (holdsRequests) values = [.. values, Holding(kind)];
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "behind", file), token);
        foreach (var (documented, local) in values)
        {
            Assert.That(text.Split(documented), Has.Length.EqualTo(2), $"docs/behind/{file} has \"{documented}\" once");
            text = text.Replace(documented, local, StringComparison.Ordinal);
        }

        var config = Path.Combine(folder, Path.GetFileName(file));
        await File.WriteAllTextAsync(config, text, token);
        var (name, arguments) = Command(kind, folder, config);
        var program = scope.Start(kind.ToString(), Find(name), arguments, environment: new Dictionary<string, string>
        {
            // Caddy's: what it keeps, and where it can be told things while it runs.
            ["XDG_DATA_HOME"] = folder,
            ["XDG_CONFIG_HOME"] = folder,
            ["CADDY_ADMIN"] = $"unix/{folder}/admin.sock",
        });
        await Eventually.HoldsAsync(
            async () => !program.IsRunning || await TakesConnectionsAsync(endPoint, token), () => $"{kind} listens on {endPoint}", ReadyBound, token);
        Assert.That(program.IsRunning, Is.True, $"{kind} has ended:\n{program.Log.Text}");
        return new ReverseProxy(endPoint, program);
    }

    /// <summary>What stands for the documented values in a test: each of them is in the file once.</summary>
    private static (string File, (string Documented, string Local)[] Values) Local(Intermediary kind, IPEndPoint own, IPEndPoint relay, string folder)
    {
        var certificate = ("/etc/ssl/site.pem", $"{folder}/site.pem");
        var key = ("/etc/ssl/site.key", $"{folder}/site.key");
        var site = ("/var/www/html", $"{folder}/site");
        var target = ("127.0.0.1:8080", relay.ToString());
        return kind switch
        {
            Intermediary.Nginx => ("nginx/nginx.conf", [("listen 443 ssl", $"listen {own} ssl"), certificate, key, site, target, ("http {", NginxFolders(folder))]),
            Intermediary.HAProxy => ("haproxy/haproxy.cfg", [("bind :443", $"bind {own}"), ("/etc/haproxy/site.pem", $"{folder}/both.pem"), target]),
            Intermediary.Caddy => ("caddy/Caddyfile", [("https://site.example:443", $"https://{own}"), certificate, key, site, target]),
            Intermediary.Apache => (
                "apache/apache2.conf",
                [("Listen 443", $"Listen {own}"), ("*:443", own.ToString()), certificate, key, site, target, ("/run/apache2/apache2.pid", $"{folder}/apache2.pid")]),
            _ => (
                "lighttpd/lighttpd.conf",
                [("server.port = 443", $"server.bind = \"{own.Address}\"\nserver.port = {own.Port}"), certificate, key, site, ("\"port\" => 8080", $"\"port\" => {relay.Port}")]),
        };
    }

    /// <summary>What of the documented values lets bodies through as they come, and what stands there to hold them back.</summary>
    private static (string Documented, string Holding) Holding(Intermediary kind) => kind switch
    {
        Intermediary.Nginx => ("proxy_request_buffering off;", ""),
        Intermediary.HAProxy => ("    option http-no-delay\n", "    option http-no-delay\n    option http-buffer-request\n"),
        Intermediary.Caddy => ("header_up -Forwarded", "header_up -Forwarded\n\t\t\tbuffer_requests"),
        Intermediary.Apache => ("SetEnv proxy-sendchunked 1", "SetEnv proxy-sendcl 1"),
        _ => ("server.stream-request-body = 2", ""),
    };

    /// <summary>What the command line adds: to stay in the foreground, and where to leave files of its own.</summary>
    private static (string Name, string[] Arguments) Command(Intermediary kind, string folder, string config) => kind switch
    {
        Intermediary.Nginx => ("nginx", ["-p", folder, "-c", config, "-e", "stderr", "-g", $"daemon off; pid {folder}/nginx.pid;"]),
        Intermediary.HAProxy => ("haproxy", ["-db", "-f", config]),
        Intermediary.Caddy => ("caddy", ["run", "--config", config, "--adapter", "caddyfile"]),
        Intermediary.Apache => ("apache2", ["-D", "FOREGROUND", "-d", folder, "-f", config, "-C", $"DefaultRuntimeDir {folder}"]),
        _ => ("lighttpd", ["-D", "-f", config]),
    };

    // Those that it has by default belong to root.
    private static string NginxFolders(string folder) =>
        "http {\n" + string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {folder}/{kind};\n"));

    private static string Prepare(TestScope scope, MadeCertificate certificate)
    {
        var folder = scope.Folder.File("front");
        Directory.CreateDirectory(Path.Combine(folder, "site"));
        File.WriteAllText(Path.Combine(folder, "site", "index.html"), SiteText);
        File.WriteAllText(Path.Combine(folder, "site.pem"), certificate.ChainPem);
        File.WriteAllText(Path.Combine(folder, "site.key"), certificate.KeyPem);
        File.WriteAllText(Path.Combine(folder, "both.pem"), certificate.ChainPem + certificate.KeyPem);
        // Those that give up root's rights still have to find the site.
        TemporaryFolder.SetMode(scope.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        return folder;
    }

    private static async Task<bool> TakesConnectionsAsync(IPEndPoint endPoint, CancellationToken token)
    {
        try
        {
            using var socket = await TcpStreams.ConnectAsync(endPoint, token);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    // The distribution keeps most of them where an ordinary user's search path does not look.
    private static string Find(string name) => File.Exists($"/usr/sbin/{name}") ? $"/usr/sbin/{name}" : name;
}
