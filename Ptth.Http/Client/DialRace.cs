namespace Ptth.Http.Client;

/// <summary>Dials that are under way together; the first result counts. Not thread-safe. Disposing it ends the others.</summary>
/// <param name="max">The most at a time; beyond it the oldest is given up.</param>
/// <param name="cancellation">Ends all.</param>
internal sealed class DialRace(int max, CancellationToken cancellation) : IDisposable
{
    private readonly List<Entry> _entries = [];

    /// <summary>Begins one.</summary>
    /// <param name="dial">Begins it; its token gives it up.</param>
    /// <param name="isGuess">Whether its failure says nothing.</param>
    public void Add(Func<CancellationToken, Task<DialResult>> dial, bool isGuess)
    {
        if (_entries.Count == max) GiveUp(_entries[0]);
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _entries.Add(new Entry(dial(end.Token), end, isGuess));
    }

    /// <summary>The first result that counts; null where none comes within <paramref name="wait"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<DialResult?> FirstAsync(TimeSpan wait, TimeProvider time)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pause = Task.Delay(wait, time, over.Token);
        try
        {
            while (true)
            {
                Task first = await Task.WhenAny([.. _entries.Select(static entry => entry.Dial), pause]);
                if (_entries.Find(entry => entry.Dial == first) is not { } done)
                {
                    cancellation.ThrowIfCancellationRequested();
                    return null;
                }

                _entries.Remove(done);
                done.End.Dispose();
                DialResult result = await done.Dial;
                if (result.Socket is not null || !done.IsGuess) return result;
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_entries.Count > 0) GiveUp(_entries[0]);
    }

    private void GiveUp(Entry entry)
    {
        _entries.Remove(entry);
        entry.End.Cancel();
        entry.End.Dispose();
        _ = DropAsync(entry.Dial);
    }

    /// <summary>It may have got through meanwhile.</summary>
    private static async Task DropAsync(Task<DialResult> dial)
    {
        try
        {
            (await dial).Socket?.Dispose();
        }
        catch (OperationCanceledException)
        {
            // Given up.
        }
    }

    private sealed record Entry(Task<DialResult> Dial, CancellationTokenSource End, bool IsGuess);
}
