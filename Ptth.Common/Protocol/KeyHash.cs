using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ptth.Common.Protocol;

/// <summary>
/// SHA-256 over the ASCII text of a whole key, all that a relay keeps of it: <c>sha256:</c> and 64 hexadecimal digits.
/// A fast hash is enough, since a key has 256 random bits and cannot be guessed. Compares in constant time.
/// </summary>
public readonly struct KeyHash : IEquatable<KeyHash>
{
    /// <summary>What the text of a hash begins with.</summary>
    public const string Prefix = "sha256:";

    /// <summary>What a hash must be, for error texts.</summary>
    public const string Expected = "must be \"sha256:\" and 64 hex digits, as `ptth-relay keygen` prints it";

    private readonly UInt128 _first;
    private readonly UInt128 _second;

    private KeyHash(ReadOnlySpan<byte> hash)
    {
        _first = BinaryPrimitives.ReadUInt128BigEndian(hash);
        _second = BinaryPrimitives.ReadUInt128BigEndian(hash[16..]);
    }

    /// <summary>The hash of a key's text. Allocates nothing.</summary>
    public static KeyHash OfKeyText(ReadOnlySpan<byte> asciiKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(asciiKey, hash);
        return new KeyHash(hash);
    }

    /// <summary>The hash in <paramref name="text"/>; hexadecimal digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out KeyHash hash)
    {
        hash = default;
        if (text.Length != Prefix.Length + 2 * SHA256.HashSizeInBytes || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        if (Convert.FromHexString(text[Prefix.Length..], bytes, out _, out _) != OperationStatus.Done) return false;
        hash = new KeyHash(bytes);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(KeyHash other)
    {
        Span<byte> mine = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> others = stackalloc byte[SHA256.HashSizeInBytes];
        Write(mine);
        other.Write(others);
        return CryptographicOperations.FixedTimeEquals(mine, others);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyHash other && Equals(other);

    /// <summary>The first four bytes: a hash's bits are evenly spread already.</summary>
    public override int GetHashCode() => (int)(uint)(_first >> 96);

    /// <summary><c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        Write(bytes);
        return Prefix + Convert.ToHexStringLower(bytes);
    }

    /// <summary>Whether both are the same hash.</summary>
    public static bool operator ==(KeyHash left, KeyHash right) => left.Equals(right);

    /// <summary>Whether they are different hashes.</summary>
    public static bool operator !=(KeyHash left, KeyHash right) => !left.Equals(right);

    private void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _second);
    }
}
