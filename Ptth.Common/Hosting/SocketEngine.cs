namespace Ptth.Common.Hosting;

/// <summary>Settings of .NET's socket engine that can be made from outside only, through the environment.</summary>
public static class SocketEngine
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string ThreadCount = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>
    /// Completions run on the engine's own threads rather than be handed to the thread pool one by one: that halves a hop's latency and
    /// its CPU time. One such thread for every two processors: on two, a second one costs more in waking and waiting than it brings;
    /// flows with much to move go on in the thread pool anyway.
    /// The engine reads the variables once, when the first socket is made: to be called before that, first thing in Main.
    /// What the user has set stays.
    /// </summary>
    public static void Configure()
    {
        SetUnlessSet(InlineCompletions, "1");
        SetUnlessSet(ThreadCount, $"{Math.Max(1, Environment.ProcessorCount / 2)}");
    }

    private static void SetUnlessSet(string variable, string value)
    {
        if (Environment.GetEnvironmentVariable(variable) is null) Environment.SetEnvironmentVariable(variable, value);
    }
}
