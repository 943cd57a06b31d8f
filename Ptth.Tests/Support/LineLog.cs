using System.Diagnostics;

namespace Ptth.Tests.Support;

/// <summary>The lines that a process wrote, and a way to wait for one. Thread-safe.</summary>
internal sealed class LineLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<Waiter> _waiters = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string? _ended;

    /// <summary>All lines so far, each with the second at which it came.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Takes a line and wakes who waited for it.</summary>
    public void Add(string line)
    {
        List<Waiter> woken;
        lock (_lock)
        {
            _lines.Add($"{_clock.Elapsed.TotalSeconds,8:F3} {line}");
            woken = _waiters.FindAll(w => w.Match(line));
            _waiters.RemoveAll(woken.Contains);
        }

        foreach (var waiter in woken)
            waiter.Found.TrySetResult(line);
    }

    /// <summary>Says that no more lines will come, and why: whoever still waits fails with it.</summary>
    public void End(string why)
    {
        List<Waiter> woken;
        lock (_lock)
        {
            _ended = why;
            woken = [.. _waiters];
            _waiters.Clear();
        }

        foreach (var waiter in woken)
            waiter.Found.TrySetException(new InvalidOperationException(why));
    }

    /// <summary>How many lines so far hold <paramref name="text"/>.</summary>
    public int Count(string text)
    {
        lock (_lock)
            return _lines.Count(l => l.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>The first line, past or to come, that matches.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    /// <exception cref="InvalidOperationException">The process ended without one.</exception>
    public async Task<string> WaitAsync(Func<string, bool> match, string what, TimeSpan within)
    {
        var waiter = new Waiter(match, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_lines.Find(l => match(l[9..])) is { } line)
                return line[9..];
            if (_ended is not null)
                throw new InvalidOperationException($"{_ended} before it wrote {what}:\n{Text}");
            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(within);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no line with {what} within {within.TotalSeconds} s:\n{Text}");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message} before it wrote {what}:\n{Text}", e);
        }
    }

    private sealed record Waiter(Func<string, bool> Match, TaskCompletionSource<string> Found);
}
