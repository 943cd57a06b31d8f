namespace Ptth.Http.Transport.Tls;

/// <summary>
/// Finds the moment to say close_notify. It may be wanted by anyone, while a read waits and while a send is under way; the library
/// beneath must not be within two calls of one connection at once.
/// </summary>
/// <param name="end">Says it; takes no time, and is called at most once.</param>
internal sealed class TlsEnding(Action end)
{
    private readonly Lock _lock = new();
    private bool _isReading;
    private bool _isSending;
    private bool _isWanted;
    private bool _isDone;

    /// <summary>A read goes on: it has begun, or what it waited for has come.</summary>
    public void ReadGoesOn()
    {
        lock (_lock) _isReading = true;
    }

    /// <summary>A read rests: it waits for the socket, or is over.</summary>
    public void ReadRests()
    {
        lock (_lock)
        {
            _isReading = false;
            EndIfPossible();
        }
    }

    /// <summary>A send begins.</summary>
    /// <exception cref="IOException">The sending direction has ended, or is about to.</exception>
    public void SendBegins()
    {
        lock (_lock)
        {
            if (_isWanted) throw new IOException("The sending direction has ended.");
            _isSending = true;
        }
    }

    /// <summary>A send is over.</summary>
    public void SendEnds()
    {
        lock (_lock)
        {
            _isSending = false;
            EndIfPossible();
        }
    }

    /// <summary>Ends now, or at the first moment at which that can be.</summary>
    public void Want()
    {
        lock (_lock)
        {
            _isWanted = true;
            EndIfPossible();
        }
    }

    private void EndIfPossible()
    {
        if (!_isWanted || _isDone || _isReading || _isSending) return;
        _isDone = true;
        end();
    }
}
