using System.Text.Json.Serialization;
using Ptth.Common.Text;

namespace Ptth.Relay.Admin.Status;

/// <summary>The status as JSON, both ways. Names are in snake case, times in UTC with milliseconds.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(StatusDocument))]
internal sealed partial class StatusJson : JsonSerializerContext;
