namespace Ptth.Fuzz;

/// <summary>Waits for what was begun on channels that never wait: all but a change of threads has happened already.</summary>
internal static class Complete
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The task's result.</summary>
    /// <exception cref="Finding">It hangs.</exception>
    public static T Now<T>(Task<T> task)
    {
        Now((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Lets the task end.</summary>
    /// <exception cref="Finding">It hangs.</exception>
    public static void Now(Task task)
    {
        if (!task.IsCompleted && Task.WaitAny([task], Limit) < 0) throw new Finding("it hangs");
        task.GetAwaiter().GetResult();
    }
}
