using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>
/// What both proxies' configurations share. With a file, problems are the file's and are found all at once; without one, what is missing
/// on the command line is wrong usage.
/// </summary>
internal sealed class ProxyConfigReader
{
    private readonly ProxySources _sources;
    private readonly TomlFile _file;

    private ProxyConfigReader(ProxySources sources, TomlFile file)
    {
        _sources = sources;
        _file = file;
    }

    /// <summary>Reads the file, where one is given.</summary>
    /// <exception cref="ConfigException">It cannot be read, or it is not TOML.</exception>
    public static ProxyConfigReader Open(ProxySources sources) =>
        new(sources, sources.ConfigPath is { } path ? TomlFile.Load(path) : TomlFile.Parse("", ""));

    /// <summary>The file's keys; none where there is no file.</summary>
    public TomlSection Root => _file.Root;

    /// <summary>The relay; null, and a problem reported, where there is none.</summary>
    /// <exception cref="UsageException">Neither a file nor an option names one.</exception>
    public RelayUrl? ReadRelay()
    {
        RelayUrl? url = null;
        if (Root.Text("relay") is { } text && !RelayUrl.TryParse(text.Value, out url, out string? problem)) Root.Report("relay", problem);
        if (_sources.Relay is not null) return _sources.Relay;
        if (!Root.Has("relay")) Missing("relay", "is missing; it " + RelayUrl.Expected, "no relay: give --relay URL or --config FILE");
        return url;
    }

    /// <summary>What decides whether the relay is the one that is meant; null where it is plain HTTP, or where a problem was reported.</summary>
    /// <exception cref="ConfigException">The CA file of the command line is of no use.</exception>
    /// <exception cref="UsageException">The options contradict each other or the URL.</exception>
    public IServerTrust? ReadTrust(RelayUrl? relay) => new TrustReader(Root, _sources).Read(relay);

    /// <summary>The HTTP proxy on the way to the relay; null where the way is direct, or where a problem was reported.</summary>
    /// <exception cref="ConfigException">The environment names one that is of no use.</exception>
    public HttpProxyChoice? ReadHttpProxy(RelayUrl? relay) => new HttpProxyReader(Root, _sources).Read(relay);

    /// <summary>The key; null, and a problem reported, where there is none to be had.</summary>
    /// <exception cref="ConfigException">The key file of the command line or the variable holds none.</exception>
    /// <exception cref="UsageException">Nothing gives one.</exception>
    public PtthKey? ReadKey()
    {
        bool hasKey = Root.Has("key"), hasKeyFile = Root.Has("key_file");
        if (hasKey && FilePermissions.ProblemOf(_sources.ConfigPath!) is { } readable) Root.Report("key", "this file holds a key and " + readable);
        if (hasKey && hasKeyFile) Root.Report("key_file", $"cannot be given together with key, in line {Root.LineOf("key")}");
        if (_sources.KeyFile is { } path)
            return KeyFile.Read(path, out string problem) ?? throw new ConfigException(new ConfigProblem(path, 0, "", problem));
        if (hasKey) return Root.TryRead<PtthKey>("key", PtthKey.TryParse, PtthKey.Expected, out PtthKey? key) ? key : null;
        if (hasKeyFile) return ReadKeyFile();
        if (_sources.Variable(ProxySources.KeyVariable) is { Length: > 0 } variable) return ParseVariable(variable);
        Missing("key_file", "is missing; give key_file, key or the environment variable PTTH_KEY",
            "no key: give --key-file FILE, or the environment variable PTTH_KEY");
        return null;
    }

    /// <summary>How this proxy's bytes go to the relay.</summary>
    public UploadSettings ReadUpload()
    {
        if (!Root.TryRead("upload", UploadSettings.TryParseMode, UploadSettings.Expected, out UploadMode mode)) mode = UploadSettings.DefaultMode;
        int bytes = Root.Number("segment_bytes", UploadSettings.MinSegmentBytes, UploadSettings.MaxSegmentBytes, UploadSettings.DefaultSegmentBytes);
        return new UploadSettings(_sources.Upload ?? mode, bytes);
    }

    /// <summary>The time-outs.</summary>
    public ProxyTimeouts ReadTimeouts()
    {
        const int hour = 3600, month = 30 * 24 * hour;
        TomlSection timeouts = Root.Table("timeouts");
        var defaults = new ProxyTimeouts();
        return new ProxyTimeouts
        {
            RelayConnect = timeouts.TimeoutSeconds("relay_connect", hour, defaults.RelayConnect),
            ResponseHead = timeouts.TimeoutSeconds("response_head", hour, defaults.ResponseHead),
            IdleConnection = timeouts.TimeoutSeconds("idle_connection", hour, defaults.IdleConnection),
            PathCheck = timeouts.TimeoutSeconds("path_check", hour, defaults.PathCheck),
            HalfClosedIdle = timeouts.TimeoutSeconds("half_closed_idle", month, defaults.HalfClosedIdle),
            Idle = timeouts.TimeoutSeconds("idle", month, defaults.Idle),
        };
    }

    /// <summary>Reports that neither the file nor the command line gives something.</summary>
    /// <exception cref="UsageException">There is no file.</exception>
    public void Missing(string key, string message, string usage)
    {
        if (_sources.ConfigPath is null) throw new UsageException(usage);
        Root.Report(key, message);
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ConfigException">Anything was wrong with the file.</exception>
    public void Complete() => _file.Complete();

    private PtthKey? ReadKeyFile()
    {
        if (Root.Text("key_file") is not { } text) return null;
        // Beside the configuration, wherever the program was started.
        string path = Path.Combine(Path.GetDirectoryName(_sources.ConfigPath!) ?? "", text.Value);
        PtthKey? key = KeyFile.Read(path, out string problem);
        if (key is null) Root.Report("key_file", $"{path} {problem}");
        return key;
    }

    private static PtthKey ParseVariable(string text) => PtthKey.TryParse(text, out PtthKey? key)
        ? key
        : throw new ConfigException(new ConfigProblem("", 0, ProxySources.KeyVariable, PtthKey.Expected));
}
