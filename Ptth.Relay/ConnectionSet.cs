using Ptth.Common.Hosting;
using Ptth.Http.Server;

namespace Ptth.Relay;

/// <summary>The relay's open connections: closed together at the end.</summary>
internal sealed class ConnectionSet
{
    private readonly Lock _lock = new();
    private readonly HashSet<HttpServerConnection> _connections = [];
    private readonly EmptySignal _empty = new();

    /// <summary>Adds one.</summary>
    public void Add(HttpServerConnection connection)
    {
        lock (_lock) _connections.Add(connection);
    }

    /// <summary>Removes one.</summary>
    public void Remove(HttpServerConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
            if (_connections.Count == 0) _empty.Set();
        }
    }

    /// <summary>Does something to each of them.</summary>
    public void ForEach(Action<HttpServerConnection> action)
    {
        HttpServerConnection[] all;
        lock (_lock) all = [.. _connections];
        foreach (HttpServerConnection connection in all) action(connection);
    }

    /// <summary>Completes when there is none.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock) return _empty.WhenEmpty(_connections.Count == 0);
    }
}
