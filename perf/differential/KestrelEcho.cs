using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ptth.Differential;

/// <summary>Kestrel as it comes: it reads the body and answers with its length.</summary>
internal static class KestrelEcho
{
    /// <summary>Serves until it is stopped.</summary>
    public static async Task RunAsync(int port, CancellationToken stopping)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
        await using WebApplication host = builder.Build();
        host.Run(static async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            string text = body.Length.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Body"] = text;
            context.Response.ContentLength = text.Length;
            await context.Response.WriteAsync(text);
        });
        await host.StartAsync(stopping);
        await host.WaitForShutdownAsync(stopping);
    }
}
