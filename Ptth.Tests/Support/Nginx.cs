using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A real nginx of its own, serving a folder on its own port.</summary>
internal sealed class Nginx
{
    private Nginx(string content) => Content = content;

    /// <summary>Where nginx listens.</summary>
    public IPEndPoint EndPoint { get; } = FreePort.Take();

    /// <summary>The folder that it serves.</summary>
    public string Content { get; }

    /// <summary>Starts nginx.</summary>
    public static async Task<Nginx> StartAsync(TestScope scope)
    {
        var nginx = new Nginx(Directory.CreateDirectory(Path.Combine(scope.Folder.File("nginx"), "content")).FullName);
        WriteConfig(
            scope,
            "nginx",
            $$"""
            sendfile on;
            server {
                listen {{nginx.EndPoint}};
                root {{nginx.Content}};
            }
            """);
        await RunAsync(scope, "nginx");
        return nginx;
    }

    /// <summary>Writes a configuration into a folder of that name, where all files of that nginx are.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="name">The folder's.</param>
    /// <param name="http">What stands in its block <c>http</c> besides.</param>
    /// <param name="hasWorkers">Whether it has a master and a worker, as it has to have to be reloaded, or is one process.</param>
    public static void WriteConfig(TestScope scope, string name, string http, bool hasWorkers = false)
    {
        var folder = Directory.CreateDirectory(scope.Folder.File(name)).FullName;
        scope.Folder.Write(
            $"{name}/nginx.conf",
            $$"""
            daemon off;
            {{(hasWorkers ? "user root; worker_processes 1;" : "master_process off;")}}
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { worker_connections 256; }
            http {
            access_log off;
            client_body_temp_path {{folder}}/body;
            proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi;
            uwsgi_temp_path {{folder}}/uwsgi;
            scgi_temp_path {{folder}}/scgi;
            {{http}}
            }

            """);
    }

    /// <summary>Starts an nginx with the configuration in that folder, and waits until it listens.</summary>
    public static async Task<RunningProgram> RunAsync(TestScope scope, string name)
    {
        var folder = scope.Folder.File(name);
        var program = scope.Start(name, Program(), ["-p", folder, "-c", Path.Combine(folder, "nginx.conf"), "-e", "stderr"]);
        await program.WaitForLineAsync("using the \"");
        return program;
    }

    /// <summary>Where it is: the distribution keeps it where an ordinary user's search path does not look.</summary>
    private static string Program() => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
}
