namespace Ptth.Proxy.Probes;

/// <summary>What a stream in one direction moved.</summary>
/// <param name="Outcome">Whether that could be measured.</param>
/// <param name="Bytes">How many bytes arrived.</param>
/// <param name="Time">In which time.</param>
/// <param name="Cut">How the stream was cut, if it was.</param>
/// <param name="Answer">Who answered, or handed the stream on.</param>
internal sealed record StreamRate(ProbeOutcome Outcome, long Bytes, TimeSpan Time, StreamCut Cut, PathAnswer? Answer)
{
    /// <summary>Nothing was found out.</summary>
    public static StreamRate NotMeasured { get; } = new(ProbeOutcome.Late, 0, default, StreamCut.None, null);

    /// <summary>How many bytes were sent, or asked for.</summary>
    public long Sent { get; init; }

    /// <summary>How many bytes arrived before the time began to count.</summary>
    public long Uncounted { get; init; }

    /// <summary>The rate; 0 where nothing was measured.</summary>
    public double BytesPerSecond => Time > TimeSpan.Zero ? (Bytes - Uncounted) / Time.TotalSeconds : 0;
}
