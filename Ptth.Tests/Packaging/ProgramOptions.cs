using System.CommandLine;
using Ptth.Common.Cli;
using Ptth.Proxy.Commands;
using Ptth.Relay.Commands;

namespace Ptth.Tests.Packaging;

/// <summary>The commands of a program and their options, as the program itself has them.</summary>
internal sealed class ProgramOptions
{
    private readonly Command _root;

    private ProgramOptions(Command root) => _root = root;

    public static ProgramOptions Of(string program)
    {
        var context = new ProgramContext(program, TextReader.Null, TextWriter.Null, TextWriter.Null, _ => null);
        return new ProgramOptions(program == "ptth-relay" ? RelayProgram.CreateRoot(context) : ProxyProgram.CreateRoot(context));
    }

    /// <summary>The names of its commands.</summary>
    public IEnumerable<string> Commands => _root.Subcommands.Select(command => command.Name);

    /// <summary>The options that each command takes.</summary>
    public IEnumerable<string> Shared => _root.Options.Select(option => option.Name);

    /// <summary>The options of one command alone.</summary>
    public IEnumerable<string> OwnOf(string command) => Find(command).Options.Select(option => option.Name);

    /// <summary>All options of all commands.</summary>
    public IEnumerable<string> All => Shared.Concat(Commands.SelectMany(OwnOf)).Distinct();

    private Command Find(string command) => _root.Subcommands.Single(candidate => candidate.Name == command);
}
