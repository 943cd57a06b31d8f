using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load.Soak;

/// <summary>One tunnel with both of its ends: runs the client's, is told of the server's, and judges the two together.</summary>
/// <param name="plan">What it is to do.</param>
/// <param name="disturbances">When it may break.</param>
/// <param name="bound">How long an end may take before it counts as stuck.</param>
internal sealed class TunnelRun(TunnelPlan plan, Disturbances disturbances, TimeSpan bound)
{
    // What a reset needs to go from the client's end to a server that is to see it.
    private static readonly TimeSpan AttachBound = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<HalfResult> _server = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _attaches;

    /// <summary>What it is to do.</summary>
    public TunnelPlan Plan => plan;

    /// <summary>How long an end may take.</summary>
    public TimeSpan Bound => bound;

    /// <summary>Called by the service when the tunnel's header came; false if it had come before.</summary>
    public bool TryAttach()
    {
        if (Interlocked.Increment(ref _attaches) > 1) return false;
        _attached.TrySetResult();
        return true;
    }

    /// <summary>Called by the service when its end has ended.</summary>
    public void ServerEnded(HalfResult result) => _server.TrySetResult(result);

    /// <summary>Opens it at <paramref name="forward"/> and waits for the end of both ends.</summary>
    public async Task<TunnelVerdict> RunAsync(Socket socket, IPEndPoint forward)
    {
        long start = Stopwatch.GetTimestamp();
        HalfResult client = await RunClientAsync(socket, forward);
        HalfResult server = await ServerAsync(client);
        return TunnelVerdict.Judge(plan, client, server, disturbances.TouchedSince(start));
    }

    private async Task<HalfResult> RunClientAsync(Socket socket, IPEndPoint forward)
    {
        using var late = new CancellationTokenSource(bound);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(forward, late.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return new HalfResult(Outcome.Refused, 0, (failure as SocketException)?.SocketErrorCode.ToString() ?? "no answer");
        }

        try
        {
            await socket.SendAsync(TunnelHeader.Write(plan), late.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return new HalfResult(Outcome.Broken, 0, "at the header");
        }

        return await new StreamHalf(socket, plan.Client, late.Token).RunAsync();
    }

    private async Task<HalfResult> ServerAsync(HalfResult client)
    {
        if (client.Outcome == Outcome.Refused) return new HalfResult(Outcome.Unseen, 0);
        if (!_attached.Task.IsCompleted)
        {
            try
            {
                await _attached.Task.WaitAsync(AttachBound);
            }
            catch (TimeoutException)
            {
                return new HalfResult(Outcome.Unseen, 0);
            }
        }

        // Bounded by the service, which gives each of its ends the same time.
        return await _server.Task;
    }
}
