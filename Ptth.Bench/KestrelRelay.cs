using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ptth.Bench;

/// <summary>
/// The relay as one would write it on Kestrel: the same paths and answers, bytes from a request's <c>BodyReader</c> into the other
/// response's <c>BodyWriter</c>. No keys, no limits, no time-outs, no logs: the baseline has less to do.
/// </summary>
internal sealed class KestrelRelay
{
    private readonly ConcurrentDictionary<string, Pairing> _tunnels = new();
    private readonly ConcurrentQueue<TaskCompletionSource<string>> _listening = new();
    private readonly ConcurrentQueue<string> _wanted = new();
    private readonly Lock _lock = new();

    /// <summary>Starts it on a free port of loopback.</summary>
    public static async Task<(WebApplication Host, IPEndPoint Address)> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
            options.Listen(IPAddress.Loopback, 0);
        });
        WebApplication host = builder.Build();
        var relay = new KestrelRelay();
        host.MapPost("/v1/listen/{port}", relay.ListenAsync);
        host.MapPost("/v1/connect/{server}/{port}", relay.ConnectAsync);
        host.MapPost("/v1/accept/{id}", relay.AcceptAsync);
        host.MapPost("/v1/upstream/{id}", (HttpContext context, string id) => relay._tunnels[id].Up.SendAsync(context));
        host.MapPost("/v1/downstream/{id}", (HttpContext context, string id) => relay._tunnels[id].Down.SendAsync(context));
        await host.StartAsync();
        string url = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return (host, new IPEndPoint(IPAddress.Loopback, new Uri(url).Port));
    }

    private async Task ListenAsync(HttpContext context)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_wanted.TryDequeue(out string? wanted)) found.SetResult(wanted);
            else _listening.Enqueue(found);
        }

        context.Response.Headers["Ptth-Connection"] = await found.Task;
        context.Response.ContentLength = 0;
    }

    private async Task ConnectAsync(HttpContext context)
    {
        string id = Guid.NewGuid().ToString("N");
        var pairing = new Pairing();
        _tunnels[id] = pairing;
        lock (_lock)
        {
            if (_listening.TryDequeue(out TaskCompletionSource<string>? listening)) listening.SetResult(id);
            else _wanted.Enqueue(id);
        }

        await pairing.Accepted.Task;
        await pairing.Down.ReceiveAsync(context);
        _tunnels.TryRemove(id, out _);
    }

    private async Task AcceptAsync(HttpContext context, string id)
    {
        _tunnels[id].Accepted.SetResult();
        await _tunnels[id].Up.ReceiveAsync(context);
    }

    private sealed class Pairing
    {
        public TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Direction Up { get; } = new();

        public Direction Down { get; } = new();
    }

    private sealed class Direction
    {
        private readonly TaskCompletionSource<HttpContext> _receiver = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task ReceiveAsync(HttpContext context)
        {
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await context.Response.StartAsync();
            await context.Response.BodyWriter.FlushAsync();
            _receiver.SetResult(context);
            await _ended.Task;
        }

        public async Task SendAsync(HttpContext context)
        {
            HttpContext receiver = await _receiver.Task;
            await context.Request.BodyReader.CopyToAsync(receiver.Response.BodyWriter);
            _ended.SetResult();
            context.Response.ContentLength = 0;
        }
    }
}
