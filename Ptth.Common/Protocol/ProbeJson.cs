using System.Text.Json.Serialization;
using Ptth.Common.Text;

namespace Ptth.Common.Protocol;

/// <summary>The answers to probes as JSON, both ways. Names are in snake case, times in UTC with milliseconds. What is not known is passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ProbeEcho))]
public sealed partial class ProbeJson : JsonSerializerContext;
