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
            if (TryRead(section, Key, text) is { } address) addresses.Add(address);
        }

        return addresses;
    }

    /// <summary>The one address of another key; null where it is not there, or not valid, which was reported.</summary>
    public IPEndPoint? ReadOne(TomlSection section, string key) => section.Text(key) is { } text ? TryRead(section, key, text) : null;

    private IPEndPoint? TryRead(TomlSection section, string key, TomlText text)
    {
        if (!ListenAddress.TryParse(text.Value, out IPEndPoint? address))
        {
            section.Report(text, key, ListenAddress.Expected);
            return null;
        }

        if (address.Port != 0 && _lines.TryGetValue(address, out int line))
        {
            section.Report(text.Line, key, $"has {address} in line {line} already");
            return null;
        }

        _lines[address] = text.Line;
        return address;
    }
}
