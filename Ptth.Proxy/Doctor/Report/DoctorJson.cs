using System.Text.Json.Serialization;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>The diagnosis as JSON. Names are in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DiagnosisDocument))]
internal sealed partial class DoctorJson : JsonSerializerContext;
