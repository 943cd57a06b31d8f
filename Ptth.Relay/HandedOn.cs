using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Core;

namespace Ptth.Relay;

/// <summary>What one proxy tells the other in a field that the relay does not read: it looks only whether the value is short, and visible ASCII.</summary>
internal static class HandedOn
{
    private static readonly byte[] OfferField = PtthHeaders.Offer.ToArray();
    private static readonly byte[] AgreedField = PtthHeaders.Agreed.ToArray();

    /// <summary>What a client's connect offers; null for nothing, or nothing that can be handed on.</summary>
    public static string? OfferIn(FieldList fields) => Take(fields, OfferField);

    /// <summary>What a server's accept agrees to; null for nothing, or nothing that can be handed on.</summary>
    public static string? AgreedIn(FieldList fields) => Take(fields, AgreedField);

    /// <summary>The field that tells the server.</summary>
    public static HttpField Offer(string value) => new(OfferField, value);

    /// <summary>The field that tells the client.</summary>
    public static HttpField Agreed(string value) => new(AgreedField, value);

    private static string? Take(FieldList fields, byte[] name) =>
        fields.TryGetSingle(name, out ReadOnlySpan<byte> value)
        && value.Length is > 0 and <= PtthHeaders.MaxHandedOnBytes
        && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? Encoding.ASCII.GetString(value)
            : null;
}
