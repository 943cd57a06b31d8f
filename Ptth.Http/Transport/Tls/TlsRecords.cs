namespace Ptth.Http.Transport.Tls;

/// <summary>Follows the records of a TLS stream by their plain headers (RFC 8446 section 5.1), without looking into them.</summary>
/// <remarks>A mutable struct: keep it in one field, and use it there.</remarks>
internal struct TlsRecords
{
    /// <summary>What a record's first byte says where it is an alert in plain text.</summary>
    public const byte Alert = 21;

    /// <summary>What a stream's first byte is where it begins with a ClientHello.</summary>
    public const byte Handshake = 22;

    private const byte FirstType = 20;
    private const byte LastType = 24;
    private const byte ApplicationData = 23;
    private const int HeaderBytes = 5;

    private int _headerBytes;
    private int _payloadBytes;

    /// <summary>Whether all that came is whole records.</summary>
    public readonly bool AtBoundary => _headerBytes == 0 && _payloadBytes == 0;

    /// <summary>How many records have begun.</summary>
    public long Count { get; private set; }

    /// <summary>Whether a record was other than application data, since <see cref="ForgetOthers"/>.</summary>
    public bool HasOthers { get; private set; }

    /// <summary>Whether something came that cannot be TLS.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Other records that came were seen to.</summary>
    public void ForgetOthers() => HasOthers = false;

    /// <summary>These bytes came next.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_headerBytes == 0 && _payloadBytes > 0)
            {
                int count = Math.Min(_payloadBytes, bytes.Length);
                _payloadBytes -= count;
                bytes = bytes[count..];
                continue;
            }

            AddToHeader(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void AddToHeader(byte value)
    {
        switch (_headerBytes++)
        {
            case 0:
                Count++;
                HasOthers |= value != ApplicationData;
                IsBroken |= value is < FirstType or > LastType;
                break;
            case HeaderBytes - 2:
                _payloadBytes = value << 8;
                break;
            case HeaderBytes - 1:
                _payloadBytes |= value;
                _headerBytes = 0;
                break;
        }
    }
}
