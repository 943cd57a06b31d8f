using System.Globalization;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>Reads chunked bodies with code of its own, and takes nothing but the canonical way to write them.</summary>
internal static class InProcessChunks
{
    /// <summary>The payload of whole chunks, and whether the last chunk, without trailers, ends them.</summary>
    /// <exception cref="InvalidDataException">Anything is not as it should be.</exception>
    public static (byte[] Payload, bool HasEnded) Read(ReadOnlySpan<byte> bytes)
    {
        using var payload = new MemoryStream();
        while (!bytes.IsEmpty)
        {
            int lineEnd = bytes.IndexOf("\r\n"u8);
            if (lineEnd < 0) throw new InvalidDataException("a size line does not end");
            string line = Encoding.Latin1.GetString(bytes[..lineEnd]);
            if (!int.TryParse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int size)
                || size < 0 || line != size.ToString("x", CultureInfo.InvariantCulture))
            {
                throw new InvalidDataException($"\"{line}\" is not a canonical size");
            }

            bytes = bytes[(lineEnd + 2)..];
            if (bytes.Length < size + 2 || !bytes[size..].StartsWith("\r\n"u8)) throw new InvalidDataException("a chunk does not end as its size says");
            if (size == 0)
            {
                return bytes.Length == 2 ? (payload.ToArray(), true) : throw new InvalidDataException("something follows the last chunk");
            }

            payload.Write(bytes[..size]);
            bytes = bytes[(size + 2)..];
        }

        return (payload.ToArray(), false);
    }
}
