using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Proxy.Commands;

SocketEngine.Configure();
OpenFileLimit.Raise();
return await ProxyProgram.RunAsync(ProgramContext.OfProcess("ptth-proxy"), args);
