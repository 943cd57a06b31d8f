namespace Ptth.Load.Soak;

/// <summary>What became of one end of a tunnel.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Received">Bytes that came, each as it should be.</param>
/// <param name="Detail">What there is to say of it.</param>
internal sealed record HalfResult(Outcome Outcome, long Received, string Detail = "")
{
    /// <summary>Whether that may not happen, whatever is broken, killed or pulled.</summary>
    public bool IsWrong => Outcome is Outcome.EndedShort or Outcome.TooLong or Outcome.Corrupt or Outcome.CrossTalk or Outcome.Stuck;

    /// <inheritdoc/>
    public override string ToString() => Detail.Length == 0 ? $"{Outcome} after {Received} bytes" : $"{Outcome} after {Received} bytes ({Detail})";
}
