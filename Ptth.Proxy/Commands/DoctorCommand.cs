using System.CommandLine;
using System.Runtime.InteropServices;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Doctor;
using Ptth.Proxy.Doctor.Report;

namespace Ptth.Proxy.Commands;

/// <summary><c>ptth-proxy doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(ProgramContext program)
    {
        var relay = new RelayOptions();
        Option<int?> idle = Options.Number("--idle", "SECONDS",
            $"How long streams rest, to find out whether something cuts them off; 0 leaves that out [default: {DoctorConfig.DefaultIdleSeconds}]", 0, DoctorConfig.MaxIdleSeconds);
        Option<bool> noThroughput = Flag("--no-throughput", "Do not measure how much gets through");
        Option<bool> json = Flag("--json", "Print what was found as JSON; the steps go to standard error");
        var command = new Command("doctor", "Look at the relay and at the way to it, and say what is wrong and what mends it");
        relay.AddTo(command);
        command.Options.Add(idle);
        command.Options.Add(noThroughput);
        command.Options.Add(json);
        command.SetAction((parsed, _) =>
        {
            DoctorConfig config = DoctorConfigFile.Load(relay.SourcesOf(parsed, program)) with
            {
                Idle = TimeSpan.FromSeconds(parsed.GetValue(idle) ?? DoctorConfig.DefaultIdleSeconds),
                MeasuresThroughput = !parsed.GetValue(noThroughput),
            };
            return RunAsync(program, config, parsed.GetValue(json));
        });
        return command;
    }

    private static async Task<int> RunAsync(ProgramContext program, DoctorConfig config, bool json)
    {
        using var ending = new CancellationTokenSource();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ending.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        StepLines lines = json
            ? new StepLines(program.Error, Terminal.OfError(program.Variable) is not null)
            : new StepLines(program.Output, Terminal.OfOutput(program.Variable) is not null);
        Diagnosis diagnosis = await Examiner.RunAsync(config, lines, TimeProvider.System, ending.Token);
        if (json) await program.Output.WriteLineAsync(DiagnosisDocument.Of(diagnosis).ToJson());
        else foreach (string line in FindingsText.Compose(diagnosis)) await program.Output.WriteLineAsync(line);
        return diagnosis.IsHealthy ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };
}
