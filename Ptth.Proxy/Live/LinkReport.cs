namespace Ptth.Proxy.Live;

/// <summary>How a proxy stands with its relay at one moment.</summary>
/// <param name="State">Whether it can be used.</param>
/// <param name="For">How long that has been so.</param>
/// <param name="Reason">Why it cannot; empty where it can.</param>
/// <param name="NextTry">When it is tried again; null where only the next tunnel will tell, or where it can be used.</param>
internal sealed record LinkReport(LinkState State, TimeSpan For, string Reason = "", TimeSpan? NextTry = null);
