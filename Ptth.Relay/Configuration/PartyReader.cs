using System.Diagnostics.CodeAnalysis;
using System.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>[[server]]</c> and <c>[[client]]</c>. A name stands for one party of its kind, and a key for one party of all.</summary>
internal sealed class PartyReader
{
    private const string ExpectedAllow = "is missing; it must list what the client may reach, such as [\"home/ssh\", \"office/*\"]";

    private readonly Dictionary<string, int> _serverLines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _clientLines = new(StringComparer.Ordinal);
    private readonly Dictionary<KeyHash, int> _hashLines = [];

    /// <summary>Where each client's name stands.</summary>
    public IReadOnlyDictionary<string, int> ClientLines => _clientLines;

    /// <summary>Where each key's hash stands.</summary>
    public IReadOnlyDictionary<KeyHash, int> HashLines => _hashLines;

    /// <summary>A server; null, and its problems reported, where it is not valid.</summary>
    public ServerEntry? ReadServer(TomlSection section)
    {
        bool named = TryReadName(section, _serverLines, out string? name);
        PartyKey? key = ReadKey(section), oldKey = ReadOldKey(section);
        IReadOnlyList<IPNetwork> from = ReadAllowFrom(section);
        return named && key is not null ? new ServerEntry(name!, key) { OldKey = oldKey, AllowFrom = from } : null;
    }

    /// <summary>A client; null, and its problems reported, where it is not valid.</summary>
    public ClientEntry? ReadClient(TomlSection section)
    {
        bool named = TryReadName(section, _clientLines, out string? name);
        PartyKey? key = ReadKey(section), oldKey = ReadOldKey(section);
        List<AllowPattern> allow = ReadAllow(section);
        IReadOnlyList<IPNetwork> from = ReadAllowFrom(section);
        long? rate = LimitsReader.ReadRate(section, "bytes_per_second");
        return named && key is not null ? new ClientEntry(name!, key, allow) { OldKey = oldKey, AllowFrom = from, BytesPerSecond = rate } : null;
    }

    /// <summary>The hash of a key that is no party's; null where it is not there, or not valid, which was reported.</summary>
    public KeyHash? ReadOwnHash(TomlSection section, string key) =>
        section.TryRead(key, KeyHash.TryParse, KeyHash.Expected, out KeyHash hash) && IsOwn(section, key, hash) ? hash : null;

    private static bool TryReadName(TomlSection section, Dictionary<string, int> lines, [NotNullWhen(true)] out string? name)
    {
        if (!section.TryRequire<string>("name", PtthName.TryParse, PtthName.Expected, out name)) return false;
        if (lines.TryAdd(name, section.LineOf("name"))) return true;
        section.Report("name", $"\"{name}\" is used in line {lines[name]} already");
        return false;
    }

    private PartyKey? ReadKey(TomlSection section)
    {
        DateTimeOffset? expires = section.PointInTime("expires");
        return section.TryRequire("key_hash", KeyHash.TryParse, KeyHash.Expected, out KeyHash hash) && IsOwn(section, "key_hash", hash)
            ? new PartyKey(hash, expires)
            : null;
    }

    private PartyKey? ReadOldKey(TomlSection section)
    {
        bool isThere = section.Has("old_key_hash");
        DateTimeOffset? expires = section.PointInTime("old_key_expires");
        if (section.Has("old_key_expires") && !isThere) section.Report("old_key_expires", "is the end of old_key_hash, which is missing; the end of key_hash is \"expires\"");
        return section.TryRead("old_key_hash", KeyHash.TryParse, KeyHash.Expected, out KeyHash hash) && IsOwn(section, "old_key_hash", hash)
            ? new PartyKey(hash, expires)
            : null;
    }

    private bool IsOwn(TomlSection section, string key, KeyHash hash)
    {
        if (_hashLines.TryAdd(hash, section.LineOf(key))) return true;
        section.Report(key, $"is used in line {_hashLines[hash]} already: give each party a key of its own");
        return false;
    }

    private static IReadOnlyList<IPNetwork> ReadAllowFrom(TomlSection section) =>
        RangeReader.Read(section, "allow_from", "list where requests may come from, or leave it out for everywhere");

    private static List<AllowPattern> ReadAllow(TomlSection section)
    {
        if (!section.Has("allow")) section.Report("allow", ExpectedAllow);
        var patterns = new List<AllowPattern>();
        foreach (TomlText text in section.Texts("allow") ?? [])
        {
            if (AllowPattern.TryParse(text.Value, out AllowPattern? pattern)) patterns.Add(pattern);
            else section.Report(text, "allow", AllowPattern.Expected);
        }
        return patterns;
    }
}
