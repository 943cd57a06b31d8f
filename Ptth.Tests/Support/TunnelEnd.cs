using System.Net.Sockets;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>One end of a tunnel under load: reads all the time, and sends without end where it has a pattern to send.</summary>
internal sealed class TunnelEnd
{
    private readonly Socket _socket;
    private readonly CancellationToken _token;
    private long _received;
    private Task<StreamEnd>? _reader;

    /// <summary>Starts to send, where there is something to send.</summary>
    public TunnelEnd(Socket socket, Pattern? sends, CancellationToken token)
    {
        _socket = socket;
        _token = token;
        if (sends is not null)
            Send(sends);
    }

    /// <summary>What it sends; null where it only reads.</summary>
    public Pattern? Pattern { get; private set; }

    /// <summary>Who sends it.</summary>
    public PatternSender? Sender { get; private set; }

    /// <summary>Starts to send.</summary>
    /// <returns>Who sends it.</returns>
    public PatternSender Send(Pattern pattern)
    {
        Pattern = pattern;
        return Sender = new PatternSender(_socket, pattern, _token);
    }

    /// <summary>Starts to read.</summary>
    /// <param name="expected">What should come; null where anything may.</param>
    public void Read(Pattern? expected) =>
        _reader = _socket.ReceivePatternAsync(expected, _token, received => Volatile.Write(ref _received, received));

    /// <summary>Waits until it has read that much.</summary>
    public Task ReceivedAsync(long bytes) =>
        Eventually.HoldsAsync(
            () => Volatile.Read(ref _received) >= bytes,
            () => $"{bytes} bytes come; {Volatile.Read(ref _received)} came",
            TimeSpan.FromSeconds(30),
            _token);

    /// <summary>Waits for the break and checks that it was told as one.</summary>
    public async Task AssertBrokenAsync(string name, TimeSpan within)
    {
        var end = await _reader!.WaitAsync(within, _token);
        if (Sender is not null)
            await Sender.Ended.WaitAsync(within, _token);
        Assert.That(end.Kind == EndKind.Broken || (Sender is not null && _socket.IsReset()), Is.True, $"the {name} saw a clean end: {end}");
    }

    /// <summary>Waits until reading and sending have ended after the socket was closed here.</summary>
    public async Task ClosedAsync()
    {
        try
        {
            await _reader!;
        }
        catch (ObjectDisposedException)
        {
            Assert.That(_socket.SafeHandle.IsClosed, Is.True);
        }

        if (Sender is not null)
            await Sender.Ended;
    }
}
