using System.Globalization;
using System.Net;

namespace Ptth.Common.Net;

/// <summary>
/// The hosts that the environment's <c>no_proxy</c> excepts, as curl reads it: names with all that is below them, a leading dot or none,
/// addresses, networks, and <c>*</c> for all; between commas or blanks. A port is not part of it.
/// </summary>
public static class NoProxyList
{
    /// <summary>Whether a list has a host.</summary>
    /// <param name="list">The variable's value. What is neither a name nor an address in it covers nothing.</param>
    /// <param name="host">A name in lower case or an IP address without brackets.</param>
    public static bool Covers(string list, string host)
    {
        if (list.Trim() == "*") return true;
        bool isAddress = IPAddress.TryParse(host, out IPAddress? address);
        string name = host.TrimEnd('.');
        foreach (string entry in list.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (isAddress ? CoversAddress(entry, address!) : CoversName(entry, name)) return true;
        }

        return false;
    }

    /// <summary>The name itself and every name below it; "ample.org" does not cover "example.org".</summary>
    private static bool CoversName(string entry, string name)
    {
        string covered = entry.Trim('.');
        return covered.Length > 0
            && (name.Equals(covered, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + covered, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>An address, or a network; unlike elsewhere in the configuration the host's bits need not be zero.</summary>
    private static bool CoversAddress(string entry, IPAddress address)
    {
        int slash = entry.IndexOf('/', StringComparison.Ordinal);
        string text = (slash < 0 ? entry : entry[..slash]).Trim('[', ']');
        if (!IPAddress.TryParse(text, out IPAddress? network)) return false;
        network = AddressRange.Normalize(network);
        address = AddressRange.Normalize(address);
        int most = network.GetAddressBytes().Length * 8;
        int bits = most;
        if (slash >= 0 && !int.TryParse(entry.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits)) return false;
        return bits <= most && new IPNetwork(network, bits).Contains(address);
    }
}
