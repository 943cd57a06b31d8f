using System.Numerics;

namespace Ptth.Fuzz.Reference;

/// <summary>RFC 9112 section 6.3, made strict as docs/security.md says; a framing is a text, so that nothing of the product's is used.</summary>
internal static class NaiveFraming
{
    public const string None = "no body";
    public const string Empty = "length 0";
    public const string Chunked = "chunked";
    public const string UntilClose = "until close";

    /// <summary>The framing that the fields give; null where they are refused.</summary>
    public static string? Of(IReadOnlyCollection<(string Name, string Value)> fields, bool is10)
    {
        if (fields.Any(static field => field.Name is "content_length" or "transfer_encoding")) return null;
        string[] lengths = [.. fields.Where(static field => field.Name == "content-length").Select(static field => field.Value)];
        string[] codings = [.. fields.Where(static field => field.Name == "transfer-encoding").Select(static field => field.Value)];
        if (codings.Length > 0)
            return lengths.Length == 0 && !is10 && codings is [var coding] && coding.ToLowerInvariant() is "chunked" ? Chunked : null;
        if (lengths.Length == 0) return None;
        if (lengths is not [var length] || length.Length == 0 || !length.All(char.IsAsciiDigit)) return null;
        var value = BigInteger.Parse(length, System.Globalization.CultureInfo.InvariantCulture);
        return value <= long.MaxValue ? $"length {value}" : null;
    }

    /// <summary>A response's framing; null where it is refused.</summary>
    public static string? OfResponse(IReadOnlyCollection<(string Name, string Value)> fields, bool is10, int status, string requestMethod)
    {
        if (requestMethod == "CONNECT" && status is >= 200 and < 300) return None;
        if (Of(fields, is10) is not { } framing) return null;
        if (status < 200 || status == 204) return framing == None || (status == 204 && framing == Empty) ? None : null;
        if (status == 304 || requestMethod == "HEAD") return None;
        return framing == None ? UntilClose : framing;
    }
}
