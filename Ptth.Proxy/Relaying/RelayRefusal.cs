namespace Ptth.Proxy.Relaying;

/// <summary>An error answer.</summary>
/// <param name="Text">What the relay said, in one line, and the remedy.</param>
/// <param name="Kind">What is refused.</param>
/// <param name="MayPass">Whether the relay only is being started again, or another one stands in for it: it said that it drains, or something in front of it said that it is not there.</param>
internal readonly record struct RelayRefusal(string Text, RefusalKind Kind, bool MayPass);
