using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Asks whether the relay knows the key, and whose it is.</summary>
internal sealed class KeyStep : IStep
{
    public string Name => "key";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        RelayAnswer answer = await examination.Relay.AskKeyAsync(cancellation);
        examination.See(Foreign.Field(answer.Head, "Server"u8), Foreign.Field(answer.Head, "Via"u8));
        return (answer.Head.Status, answer.Refusal!.Value) switch
        {
            (404, { Kind: RefusalKind.Request }) => StepOutcome.Of("the relay knows it: a server's, for ptth-proxy server"),
            (403, { Kind: RefusalKind.Request }) => StepOutcome.Of("the relay knows it: a client's, for ptth-proxy client"),
            (_, var refusal) => StepOutcome.Failed(refusal.Text),
        };
    }
}
