using System.Text.Json;

namespace Ptth.Proxy.Doctor.Findings;

/// <summary>Something that was found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Observed">What was seen, in words.</param>
/// <param name="By">Who may have done it: those that show themselves on the way; none where nothing does.</param>
internal sealed record Finding(FindingKind Kind, string Observed, IReadOnlyList<Intermediary> By)
{
    /// <summary>Its word.</summary>
    public string Name => JsonNamingPolicy.KebabCaseLower.ConvertName(Kind.ToString());

    /// <summary>How much it matters.</summary>
    public FindingWeight Weight => FindingTexts.WeightOf(Kind);

    /// <summary>What it means for tunnels.</summary>
    public string Meaning => FindingTexts.MeaningOf(Kind);

    /// <summary>From how many seconds or bytes on, where that is to be told in the remedy.</summary>
    public long? Bound { get; init; }

    /// <summary>Whether requests go by way of an HTTP proxy that reads and rewrites them.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>What mends it.</summary>
    public IReadOnlyList<Remedy> Remedies => Findings.Remedies.Of(this);
}
