using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>The diagnosis as JSON. Names are in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DiagnosisDocument))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    /// <summary>It is never put into HTML: escaping quotes would only make it harder to read.</summary>
    public static DoctorJson Readable { get; } = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
