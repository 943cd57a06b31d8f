namespace Ptth.Proxy.Probes;

/// <summary>What became of a stream in one direction that rested.</summary>
/// <param name="Outcome">Whether that could be measured.</param>
/// <param name="Cut">How it was cut, if it was.</param>
/// <param name="After">How long after its last byte, where it was.</param>
/// <param name="Answer">Who answered, or handed the stream on.</param>
internal sealed record IdleDirection(ProbeOutcome Outcome, StreamCut Cut, TimeSpan After, PathAnswer? Answer)
{
    /// <summary>Nothing was found out.</summary>
    public static IdleDirection NotMeasured { get; } = new(ProbeOutcome.Late, StreamCut.None, default, null);
}
