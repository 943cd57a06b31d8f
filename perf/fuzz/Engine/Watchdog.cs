namespace Ptth.Fuzz.Engine;

/// <summary>Ends the process, after keeping the input, where one input takes too long: a loop without an end is a finding too.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly byte[] _input;
    private readonly Timer _timer;
    private readonly string _folder;
    private long _begun;
    private int _length;

    /// <summary>Watches from now on.</summary>
    /// <param name="folder">Where the input is kept.</param>
    /// <param name="maxBytes">The longest input.</param>
    public Watchdog(string folder, int maxBytes)
    {
        _folder = folder;
        _input = new byte[maxBytes];
        _begun = Environment.TickCount64;
        _timer = new Timer(static state => ((Watchdog)state!).Look(), this, Limit, Limit / 10);
    }

    /// <summary>An input begins.</summary>
    public void Begin(ReadOnlySpan<byte> input)
    {
        input.CopyTo(_input);
        _length = input.Length;
        Volatile.Write(ref _begun, Environment.TickCount64);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Environment.TickCount64 - Volatile.Read(ref _begun) < Limit.TotalMilliseconds) return;
        Console.Error.WriteLine($"an input takes more than {Limit.TotalSeconds} s: {Corpus.Save(_folder, _input.AsSpan(0, _length))}");
        Environment.Exit(1);
    }
}
