namespace Ptth.Http;

/// <summary>One field line to send.</summary>
/// <param name="Name">Its name, ASCII.</param>
/// <param name="Value">Its value, ASCII without control characters.</param>
public readonly record struct HttpField(ReadOnlyMemory<byte> Name, string Value);
