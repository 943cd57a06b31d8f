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
        var folder = Directory.CreateDirectory(scope.Folder.File("nginx")).FullName;
        var nginx = new Nginx(Directory.CreateDirectory(Path.Combine(folder, "content")).FullName);
        var config = scope.Folder.Write(
            "nginx/nginx.conf",
            $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { worker_connections 256; }
            http {
                access_log off;
                sendfile on;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                server {
                    listen {{nginx.EndPoint}};
                    root {{nginx.Content}};
                }
            }

            """);
        var program = scope.Start("nginx", Program(), ["-p", folder, "-c", config, "-e", "stderr"]);
        await program.WaitForLineAsync("using the \"");
        return nginx;
    }

    /// <summary>Where it is: the distribution keeps it where an ordinary user's search path does not look.</summary>
    public static string Program() => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
}
