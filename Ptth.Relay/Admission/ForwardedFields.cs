using System.Net;
using System.Text;
using Ptth.Common.Net;
using Ptth.Http.Core;

namespace Ptth.Relay.Admission;

/// <summary>
/// Whom a request comes from, where its peer is a trusted reverse proxy: as that proxy tells in <c>Forwarded</c> (RFC 7239) or
/// <c>X-Forwarded-For</c>. Each proxy adds what it sees at the right, so that only what trusted ones have added can be believed: the
/// rightmost address that is not a trusted proxy's own wins, and all to its left is the client's own say.
/// </summary>
/// <remarks>
/// What cannot be read (malformed, <c>unknown</c>, an obfuscated name) names nobody, and the peer's own address stands. So it does where both
/// fields are there and do not agree: a proxy writes one of them, and the client may have sent the other one through it.
/// </remarks>
internal static class ForwardedFields
{
    /// <summary>The longest node: an IPv6 address in brackets with a port has 47 characters.</summary>
    private const int MaxNodeBytes = 64;

    /// <summary>The client's address; null where the peer's own stands.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="trusted">The reverse proxies' addresses, the peer's among them.</param>
    public static IPAddress? ClientOf(FieldList fields, IReadOnlyList<IPNetwork> trusted)
    {
        Chain standard = new(trusted), common = new(trusted);
        for (int index = 0; index < fields.Count; index++)
        {
            ReadOnlySpan<byte> name = fields.NameAt(index);
            if (Ascii.EqualsIgnoreCase(name, "Forwarded"u8)) ReadForwarded(fields.ValueAt(index), ref standard);
            else if (Ascii.EqualsIgnoreCase(name, "X-Forwarded-For"u8)) ReadForwardedFor(fields.ValueAt(index), ref common);
        }

        if (standard.IsEmpty) return common.Client;
        return common.IsEmpty || Equals(standard.Client, common.Client) ? standard.Client : null;
    }

    /// <summary>Reads a line of addresses, separated by commas.</summary>
    private static void ReadForwardedFor(ReadOnlySpan<byte> line, ref Chain chain)
    {
        foreach (Range member in line.Split((byte)','))
        {
            ReadOnlySpan<byte> node = Trim(line[member]);
            // Members with nothing in them count for nothing (RFC 9110 section 5.6.1.2).
            if (!node.IsEmpty) chain.Add(ParseNode(node));
        }
    }

    /// <summary>Reads a line of elements, each of pairs such as <c>for=192.0.2.7;proto=https</c> (RFC 7239 section 4).</summary>
    private static void ReadForwarded(ReadOnlySpan<byte> line, ref Chain chain)
    {
        Span<byte> scratch = stackalloc byte[MaxNodeBytes];
        while (!line.IsEmpty)
        {
            if (!TryReadElement(ref line, scratch, out bool hasPairs, out IPAddress? node))
            {
                // Where one element ends cannot be told any more, so that nothing on this line can be believed.
                chain.Add(null);
                return;
            }

            if (hasPairs) chain.Add(node);
        }
    }

    /// <summary>Reads up to the next comma that is not quoted; false where the syntax is not to be understood.</summary>
    private static bool TryReadElement(ref ReadOnlySpan<byte> line, scoped Span<byte> scratch, out bool hasPairs, out IPAddress? node)
    {
        hasPairs = false;
        node = null;
        bool hasFor = false;
        while (true)
        {
            line = Trim(line);
            if (line.IsEmpty) return true;
            byte next = line[0];
            if (next is (byte)',' or (byte)';')
            {
                line = line[1..];
                if (next == ',') return true;
                continue;
            }

            int equals = line.IndexOfAny("=,;\""u8);
            if (equals <= 0 || line[equals] != '=') return false;
            bool isFor = Ascii.EqualsIgnoreCase(line[..equals], "for"u8);
            line = line[(equals + 1)..];
            if (!TryReadValue(ref line, scratch, out int length)) return false;
            hasPairs = true;
            // Twice is nobody's (RFC 7239 section 4: once in an element).
            if (isFor) node = hasFor || length > scratch.Length ? null : ParseNode(scratch[..length]);
            hasFor |= isFor;
        }
    }

    /// <summary>Reads a token or a quoted string, whose length may be more than there is room for; then what fits is there.</summary>
    private static bool TryReadValue(ref ReadOnlySpan<byte> line, scoped Span<byte> value, out int length)
    {
        length = 0;
        if (line.IsEmpty || line[0] != '"')
        {
            // Some write a port, or an IPv6 address, without the quotes that those need.
            int end = line.IndexOfAny(";, \t\""u8);
            ReadOnlySpan<byte> token = end < 0 ? line : line[..end];
            length = token.Length;
            token[..Math.Min(length, value.Length)].CopyTo(value);
            line = line[token.Length..];
        }
        else
        {
            int at = 1;
            while (at < line.Length && line[at] != '"')
            {
                if (line[at] == '\\' && ++at == line.Length) return false;
                if (length < value.Length) value[length] = line[at];
                length++;
                at++;
            }

            if (at >= line.Length) return false;
            line = line[(at + 1)..];
        }

        line = Trim(line);
        return line.IsEmpty || line[0] is (byte)',' or (byte)';';
    }

    /// <summary>An address, IPv6 ones with or without brackets, with or without a port; null for all else.</summary>
    private static IPAddress? ParseNode(ReadOnlySpan<byte> node)
    {
        if (node.Length > MaxNodeBytes) return null;
        Span<char> text = stackalloc char[node.Length];
        for (int index = 0; index < node.Length; index++) text[index] = (char)node[index];
        scoped ReadOnlySpan<char> address = text;
        scoped ReadOnlySpan<char> port = default;
        if (address.StartsWith('['))
        {
            int end = address.IndexOf(']');
            if (end < 0 || !address[1..end].Contains(':')) return null;
            port = address[(end + 1)..];
            address = address[1..end];
        }
        else if (address.Count(':') == 1)
        {
            int colon = address.IndexOf(':');
            port = address[colon..];
            address = address[..colon];
        }

        if (!port.IsEmpty && !IsPort(port)) return null;
        return AddressRange.TryParseAddress(address, out IPAddress? parsed) ? AddressRange.Normalize(parsed) : null;
    }

    /// <summary>A colon and a number, or an obfuscated port (RFC 7239 section 6).</summary>
    private static bool IsPort(ReadOnlySpan<char> port)
    {
        if (port[0] != ':' || port.Length < 2) return false;
        ReadOnlySpan<char> number = port[1..];
        return number[0] == '_' || (number.Length <= 5 && !number.ContainsAnyExceptInRange('0', '9'));
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => value.Trim(" \t"u8);

    /// <summary>What the members of a field come to, from the left to the right.</summary>
    private struct Chain(IReadOnlyList<IPNetwork> trusted)
    {
        /// <summary>Whether there was no member.</summary>
        public bool IsEmpty { get; private set; } = true;

        /// <summary>The rightmost address that is not trusted; the leftmost one where all are; null where what counts cannot be read.</summary>
        public IPAddress? Client { get; private set; }

        /// <summary>Takes the next member in; null for one that names nobody.</summary>
        public void Add(IPAddress? node)
        {
            if (IsEmpty || node is null || !AddressRange.Contains(trusted, node)) Client = node;
            IsEmpty = false;
        }
    }
}
