using System.CommandLine;
using Ptth.Load;
using Ptth.Load.Report;
using Ptth.Load.Soak;

var root = new RootCommand("Loads a chain of forwarders with TCP connections over loopback, measures it, and writes reports")
{
    LoadCommands.Serve(),
    LoadCommands.Stream(),
    LoadCommands.Latency(),
    LoadCommands.Shorts(),
    LoadCommands.Idle(),
    LoadCommands.Honest(),
    LoadCommands.Hostile(),
    SoakCommands.Soak(),
    SoakCommands.Faults(),
    ReportCommands.Report(),
    ReportCommands.Guard(),
    ReportCommands.Record(),
};
return root.Parse(args).Invoke();
