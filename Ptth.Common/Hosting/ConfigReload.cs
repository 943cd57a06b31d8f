using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Toml;

namespace Ptth.Common.Hosting;

/// <summary>Reading a configuration again while a program runs: one that is not valid is told with all that is wrong with it, and changes nothing.</summary>
public static partial class ConfigReload
{
    /// <summary>Reads and takes a configuration. Never throws.</summary>
    /// <param name="readAndTake">Reads it, and takes it if it is valid.</param>
    /// <param name="notifier">Is told when it begins and when it has ended; null for a program that is not ready yet.</param>
    /// <param name="logger">Where problems go.</param>
    /// <returns>What is wrong, where it was not taken: at least one problem. Null where it was.</returns>
    public static IReadOnlyList<ConfigProblem>? Run(Action readAndTake, SystemdNotifier? notifier, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(readAndTake);
        notifier?.Notify(SystemdNotifier.Reloading(TimeProvider.System));
        try
        {
            readAndTake();
            return null;
        }
        catch (ConfigException refusal)
        {
            return Tell(logger, refusal.Problems);
        }
        catch (UsageException refusal)
        {
            // What the command line says does not go with what is in the file by now.
            return Tell(logger, [new ConfigProblem("", 0, "", refusal.Message)]);
        }
#pragma warning disable CA1031 // Whatever it is, the program goes on as it was told before.
        catch (Exception defect)
        {
            LogFailed(logger, defect);
            return [new ConfigProblem("", 0, "", "a defect of this program; its log has it")];
        }
#pragma warning restore CA1031
        finally
        {
            notifier?.Notify(SystemdNotifier.Ready);
        }
    }

    private static IReadOnlyList<ConfigProblem> Tell(ILogger logger, IReadOnlyList<ConfigProblem> problems)
    {
        foreach (ConfigProblem problem in problems) LogProblem(logger, problem);
        LogRefused(logger, problems.Count);
        return problems;
    }

    [LoggerMessage(30, LogLevel.Error, "{Problem}")]
    private static partial void LogProblem(ILogger logger, ConfigProblem problem);

    [LoggerMessage(31, LogLevel.Error, "the configuration cannot be used ({Problems} problems, see above); nothing was changed")]
    private static partial void LogRefused(ILogger logger, int problems);

    [LoggerMessage(32, LogLevel.Error, "the configuration was not read again by a defect of this program")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
