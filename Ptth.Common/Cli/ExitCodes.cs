namespace Ptth.Common.Cli;

/// <summary>What the programs end with.</summary>
public static class ExitCodes
{
    /// <summary>Done; also after a drain.</summary>
    public const int Ok = 0;

    /// <summary>Failed while running.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage of the command line.</summary>
    public const int Usage = 2;

    /// <summary>Bad configuration (EX_CONFIG of sysexits.h): a service manager need not try again.</summary>
    public const int Config = 78;
}
