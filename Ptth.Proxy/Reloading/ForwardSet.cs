using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Reloading;

/// <summary>The local ports of a client-side proxy that are open. A tunnel that was begun belongs to none of them any more.</summary>
/// <param name="serve">Takes a connection over, with the forward that its port has at that moment.</param>
/// <param name="time">The clock of the listeners.</param>
/// <param name="logger">Is told what cannot be opened.</param>
internal sealed class ForwardSet(Action<Forward, Socket> serve, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<OpenForward> _open = [];
    private bool _isDisposed;

    /// <summary>The open ones in words, each with its real port.</summary>
    public string Describe()
    {
        lock (_lock) return string.Join(", ", _open.Select(static open => $"{open.Listener.LocalEndPoint} to {open.Forward.Server}/{open.Forward.Port}"));
    }

    /// <summary>
    /// Opens those that are not open, closes those that are not there any more, and leads those whose address is the same to where they go now.
    /// One that cannot be opened is told and left out: the next time it is tried again.
    /// </summary>
    /// <param name="forwards">All that are to be open.</param>
    /// <param name="changes">Gets what has changed, in words.</param>
    /// <returns>Whether all are open.</returns>
    public bool Use(IReadOnlyList<Forward> forwards, List<string> changes)
    {
        lock (_lock)
        {
            // The drain has closed all.
            if (_isDisposed) return true;
            List<OpenForward> left = [.. _open];
            List<Forward> missing = [];
            foreach (Forward forward in forwards)
            {
                if (left.Find(open => IsSamePlace(open.Forward, forward)) is not { } present)
                {
                    missing.Add(forward);
                    continue;
                }

                left.Remove(present);
                if (present.Forward == forward) continue;
                present.Forward = forward;
                changes.Add($"forward {forward.Listen} changed");
            }

            // First those that go: their addresses may be taken by what overlaps them.
            foreach (OpenForward open in left) Close(open, changes);
            return missing.Count(forward => TryOpen(forward, changes)) == missing.Count;
        }
    }

    /// <summary>Closes all. Those who were accepted go on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (OpenForward open in _open) open.Listener.Dispose();
        }
    }

    /// <summary>Completes when none accepts any more; to be asked after the end.</summary>
    public Task WhenEndedAsync()
    {
        lock (_lock) return Task.WhenAll(_open.Select(static open => open.Accepting!));
    }

    // Any free port is another one each time, so that only the whole forward tells which is which.
    private static bool IsSamePlace(Forward one, Forward other) => one.Listen.Port == 0 ? one == other : one.Listen.Equals(other.Listen);

    private void Close(OpenForward open, List<string> changes)
    {
        open.Listener.Dispose();
        _open.Remove(open);
        changes.Add($"forward {open.Forward.Listen} removed");
    }

    private bool TryOpen(Forward forward, List<string> changes)
    {
        try
        {
            var open = new OpenForward(new TcpListenerLoop(forward.Listen, time), forward);
            _open.Add(open);
            open.Accepting = open.Listener.RunAsync(
                socket => serve(open.Forward, socket),
                failure => ProxyLog.CannotAccept(logger, ListenFailure.Describe(failure)));
            changes.Add($"forward {forward.Listen} added");
            return true;
        }
        catch (SocketException failure)
        {
            ProxyLog.CannotListen(logger, forward.Listen, ListenFailure.Describe(failure.SocketErrorCode));
            return false;
        }
    }

    private sealed class OpenForward(TcpListenerLoop listener, Forward forward)
    {
        private volatile Forward _forward = forward;

        public TcpListenerLoop Listener { get; } = listener;

        public Task? Accepting { get; set; }

        public Forward Forward
        {
            get => _forward;
            set => _forward = value;
        }
    }
}
