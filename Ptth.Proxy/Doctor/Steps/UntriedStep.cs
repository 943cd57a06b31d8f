namespace Ptth.Proxy.Doctor.Steps;

/// <summary>A step that is not to be taken.</summary>
/// <param name="name">Its word.</param>
/// <param name="why">Why not.</param>
internal sealed class UntriedStep(string name, string why) : IStep
{
    public string Name => name;

    public bool IsNeeded => false;

    public Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation) => Task.FromResult(StepOutcome.Skipped(why));
}
