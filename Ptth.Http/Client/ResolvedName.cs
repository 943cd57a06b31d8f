using System.Net;

namespace Ptth.Http.Client;

/// <summary>What became of a name.</summary>
/// <param name="Addresses">Its addresses in the order in which they are to be tried; none after a failure.</param>
/// <param name="Failure">Why there are none.</param>
/// <param name="Detail">The failure in words.</param>
public readonly record struct ResolvedName(IReadOnlyList<IPAddress> Addresses, DialFailure Failure, string Detail);
