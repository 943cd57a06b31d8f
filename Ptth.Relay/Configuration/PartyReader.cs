using System.Diagnostics.CodeAnalysis;
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

    /// <summary>A server; null, and its problems reported, where it is not valid.</summary>
    public ServerEntry? ReadServer(TomlSection section)
    {
        bool named = TryReadName(section, _serverLines, out string? name);
        bool keyed = TryReadHash(section, out KeyHash hash);
        return named && keyed ? new ServerEntry(name!, hash) : null;
    }

    /// <summary>A client; null, and its problems reported, where it is not valid.</summary>
    public ClientEntry? ReadClient(TomlSection section)
    {
        bool named = TryReadName(section, _clientLines, out string? name);
        bool keyed = TryReadHash(section, out KeyHash hash);
        List<AllowPattern> allow = ReadAllow(section);
        return named && keyed ? new ClientEntry(name!, hash, allow) : null;
    }

    private static bool TryReadName(TomlSection section, Dictionary<string, int> lines, [NotNullWhen(true)] out string? name)
    {
        if (!section.TryRequire<string>("name", PtthName.TryParse, PtthName.Expected, out name)) return false;
        if (lines.TryAdd(name, section.LineOf("name"))) return true;
        section.Report("name", $"\"{name}\" is used in line {lines[name]} already");
        return false;
    }

    private bool TryReadHash(TomlSection section, out KeyHash hash)
    {
        if (!section.TryRequire("key_hash", KeyHash.TryParse, KeyHash.Expected, out hash)) return false;
        if (_hashLines.TryAdd(hash, section.LineOf("key_hash"))) return true;
        section.Report("key_hash", $"is used in line {_hashLines[hash]} already: give each party a key of its own");
        return false;
    }

    private static List<AllowPattern> ReadAllow(TomlSection section)
    {
        if (!section.Has("allow")) section.Report("allow", ExpectedAllow);
        var patterns = new List<AllowPattern>();
        foreach (TomlText text in section.Texts("allow") ?? [])
        {
            if (AllowPattern.TryParse(text.Value, out AllowPattern? pattern)) patterns.Add(pattern);
            else section.Report(text.Line, "allow", AllowPattern.Expected);
        }
        return patterns;
    }
}
