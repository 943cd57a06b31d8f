namespace Ptth.Http.Core;

/// <summary>Where in a kept field section one line's name and value lie. 16 bits each, as a head has at most 65,535 bytes.</summary>
internal readonly record struct FieldLine(ushort NameStart, ushort NameLength, ushort ValueStart, ushort ValueLength);
