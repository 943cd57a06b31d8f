using Ptth.Http.Core;

namespace Ptth.Differential;

/// <summary>Bytes that one or another may read differently.</summary>
/// <param name="Title">The vector's.</param>
/// <param name="IsBody">Whether the vector is a chunked body, which a plain head was put before.</param>
/// <param name="Bytes">What is sent: the request, and where its end could be told another one behind it.</param>
/// <param name="Violation">Why the product refuses it; none where it takes it.</param>
internal sealed record Case(string Title, bool IsBody, byte[] Bytes, HttpViolation Violation);
