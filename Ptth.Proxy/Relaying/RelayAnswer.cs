using Ptth.Http.Core;

namespace Ptth.Proxy.Relaying;

/// <summary>An answer without a stream.</summary>
/// <param name="Head">Its head.</param>
/// <param name="Refusal">Why it is not the one that was asked for; null where it is.</param>
internal readonly record struct RelayAnswer(ResponseHead Head, RelayRefusal? Refusal);
