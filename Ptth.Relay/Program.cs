using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Relay.Commands;

SocketEngine.Configure();
OpenFileLimit.Raise();
return await RelayProgram.RunAsync(ProgramContext.OfProcess("ptth-relay"), args);
