using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>SIGHUP, by which a program is asked to read its files again. Several parts of a program may take it; none of them ends it.</summary>
public sealed class HangupSignal
{
    private readonly Lock _lock = new();
    private readonly List<Action> _takers = [];
    private int _signals;

    /// <summary>Calls <paramref name="taker"/> at each signal, in the order of registration, on a thread of the pool, until the result is disposed.</summary>
    /// <param name="taker">Deals with its own failures.</param>
    public IDisposable Register(Action taker)
    {
        lock (_lock) _takers.Add(taker);
        return new Registration(this, taker);
    }

    /// <summary>Lets SIGHUP of this process reach the takers, until the result is disposed. Does nothing where there is no such signal.</summary>
    public IDisposable HandleSignals() => PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        // Without this the runtime would end the process once the handler returns.
        context.Cancel = true;
        Signal();
    });

    /// <summary>
    /// What a signal does. One that comes while takers are at work has them called once more after that, by the thread that they are on:
    /// they never overlap, and what was written before a signal is read after it.
    /// </summary>
    public void Signal()
    {
        if (Interlocked.Increment(ref _signals) != 1) return;
        int seen;
        do
        {
            seen = Volatile.Read(ref _signals);
            CallTakers();
        }
        while (Interlocked.Add(ref _signals, -seen) != 0);
    }

    private void CallTakers()
    {
        Action[] takers;
        lock (_lock) takers = [.. _takers];
        foreach (Action taker in takers) taker();
    }

    private void Remove(Action taker)
    {
        lock (_lock) _takers.Remove(taker);
    }

    private sealed class Registration(HangupSignal signal, Action taker) : IDisposable
    {
        public void Dispose() => signal.Remove(taker);
    }
}
