using System.Net;
using Ptth.Common.Net;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Reads lists of addresses to listen on. No address is in two lists, nor twice in one.</summary>
internal sealed class ListenReader
{
    private const string Key = "listen";

    private readonly Dictionary<IPEndPoint, int> _lines = [];

    /// <summary>The addresses of <c>listen</c>; null where it is not there.</summary>
    public IReadOnlyList<IPEndPoint>? Read(TomlSection section)
    {
        if (section.Texts(Key) is not { } texts) return null;
        if (texts.Count == 0) section.Report(Key, "must have at least one address");
        List<IPEndPoint> addresses = [];
        foreach (TomlText text in texts)
        {
            if (!ListenAddress.TryParse(text.Value, out IPEndPoint? address)) section.Report(text.Line, Key, ListenAddress.Expected);
            else if (address.Port != 0 && _lines.TryGetValue(address, out int line))
                section.Report(text.Line, Key, $"has {address} in line {line} already");
            else Add(addresses, address, text.Line);
        }

        return addresses;
    }

    private void Add(List<IPEndPoint> addresses, IPEndPoint address, int line)
    {
        _lines[address] = line;
        addresses.Add(address);
    }
}
