using System.CommandLine;
using Ptth.Fuzz;
using Ptth.Fuzz.Engine;

CoverageMap.Attach();
var root = new RootCommand("Throws mutated bytes at what reads bytes from outside")
{
    FuzzCommands.Instrument(),
    FuzzCommands.List(),
    FuzzCommands.Run(),
    FuzzCommands.Repeat(),
};
return root.Parse(args).Invoke();
