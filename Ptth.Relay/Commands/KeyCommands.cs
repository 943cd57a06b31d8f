using System.CommandLine;
using Ptth.Common.Cli;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Commands;

/// <summary><c>ptth-relay keygen</c> and <c>ptth-relay hash</c>.</summary>
internal static class KeyCommands
{
    // A key, its line end, and enough more to see that it is something else.
    private const int MaxInput = PtthKey.Length + 3;

    public static Command CreateKeygen(ProgramContext program)
    {
        var command = new Command("keygen", "Print a new key and its hash: the key for the proxy, the hash for the relay's configuration");
        command.SetAction(_ =>
        {
            PtthKey key = PtthKey.Generate();
            program.Output.WriteLine($"key = \"{key.Reveal()}\"");
            program.Output.WriteLine($"key_hash = \"{key.Hash()}\"");
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command CreateHash(ProgramContext program)
    {
        var command = new Command("hash", "Read a key on standard input and print its hash");
        command.SetAction(_ =>
        {
            char[] buffer = new char[MaxInput];
            int length = program.Input.ReadBlock(buffer);
            string text = new(buffer, 0, length);
            if (PtthKey.TryParse(text.TrimEnd('\n').TrimEnd('\r'), out PtthKey? key))
            {
                program.Output.WriteLine(key.Hash());
                return ExitCodes.Ok;
            }
            program.Error.WriteLine($"{program.Name}: standard input {PtthKey.Expected}");
            return ExitCodes.Failed;
        });
        return command;
    }
}
