using System.Buffers.Binary;
using System.Buffers.Text;

namespace Ptth.Common.Protocol;

/// <summary>A connection ID: 128 random bits, base64url, 22 characters. Case matters, and each ID has one spelling only.</summary>
public readonly struct ConnectionId : IEquatable<ConnectionId>
{
    /// <summary>An ID's length, characters.</summary>
    public const int Length = 22;

    private const int ByteCount = 16;

    private readonly UInt128 _bits;

    private ConnectionId(ReadOnlySpan<byte> bytes) => _bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);

    /// <summary>A new ID from the system's generator: nobody can guess another's.</summary>
    public static ConnectionId New()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        KernelRandom.Fill(bytes);
        return new ConnectionId(bytes);
    }

    /// <summary>The ID in <paramref name="text"/>, which must be an ID and nothing else. Allocates nothing.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ConnectionId id)
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        bool valid = Base64UrlText.TryDecode(text, bytes);
        id = valid ? new ConnectionId(bytes) : default;
        return valid;
    }

    /// <inheritdoc/>
    public bool Equals(ConnectionId other) => _bits == other._bits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ConnectionId other && Equals(other);

    /// <summary>Four of its bytes: they are random already.</summary>
    public override int GetHashCode() => (int)(uint)_bits;

    /// <summary>The 22 characters that go over the wire.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether both are the same ID.</summary>
    public static bool operator ==(ConnectionId left, ConnectionId right) => left.Equals(right);

    /// <summary>Whether they are different IDs.</summary>
    public static bool operator !=(ConnectionId left, ConnectionId right) => !left.Equals(right);
}
