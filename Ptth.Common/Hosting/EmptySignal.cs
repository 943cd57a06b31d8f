namespace Ptth.Common.Hosting;

/// <summary>
/// Tells those who wait for it that a count has come to zero. It has no lock of its own: all calls come under the one that guards
/// the count.
/// </summary>
public sealed class EmptySignal
{
    private TaskCompletionSource? _waiting;

    /// <summary>Completes at once where the count is zero now, otherwise at the next <see cref="Set"/>. Whoever waits goes on elsewhere.</summary>
    /// <param name="isEmpty">Whether the count is zero.</param>
    public Task WhenEmpty(bool isEmpty)
    {
        if (isEmpty) return Task.CompletedTask;
        _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Task;
    }

    /// <summary>The count has come to zero.</summary>
    public void Set()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}
