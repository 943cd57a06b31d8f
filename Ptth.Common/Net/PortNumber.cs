using System.Globalization;
using System.Net;

namespace Ptth.Common.Net;

/// <summary>A TCP port in decimal digits. The framework's parsers also take signs and blanks.</summary>
internal static class PortNumber
{
    /// <summary>A port of 0 to 65535, without a sign or leading zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        if (text.Length is 0 or > 5 || text.ContainsAnyExceptInRange('0', '9') || (text[0] == '0' && text.Length > 1)) return false;
        port = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return port <= IPEndPoint.MaxPort;
    }
}
