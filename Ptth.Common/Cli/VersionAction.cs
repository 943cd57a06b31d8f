using System.CommandLine;
using System.CommandLine.Invocation;

namespace Ptth.Common.Cli;

/// <summary>Prints the program's name and version; the library's own action leaves the name out.</summary>
internal sealed class VersionAction(string text) : SynchronousCommandLineAction
{
    /// <summary>Whatever else the command lacks, the version can be told.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(text);
        return ExitCodes.Ok;
    }
}
