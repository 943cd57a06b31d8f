namespace Ptth.Common.Hosting;

/// <summary>A setting of .NET's socket engine that can be made from outside only, through the environment.</summary>
public static class SocketEngine
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Lets completions run on the engine's own thread rather than hand each one to the thread pool, which halves a hop's latency and
    /// its CPU time. The engine reads the variable once, when the first socket is made: to be called before that, first thing in Main.
    /// What the user has set stays.
    /// </summary>
    public static void CompleteInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null) Environment.SetEnvironmentVariable(Variable, "1");
    }
}
