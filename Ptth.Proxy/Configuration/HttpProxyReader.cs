using System.Net;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Common.Toml;

namespace Ptth.Proxy.Configuration;

/// <summary>Reads which HTTP proxy is on the way to the relay: the command line wins over the file, the file over the environment.</summary>
internal sealed class HttpProxyReader(TomlSection root, ProxySources sources)
{
    private const string Key = "proxy";
    private const string OptionName = "--proxy";

    /// <summary>The proxy; null where the way is direct, or where a problem was reported.</summary>
    /// <param name="relay">The relay; null where there is none, which was reported.</param>
    /// <exception cref="ConfigException">The environment names one that is of no use.</exception>
    public HttpProxyChoice? Read(RelayUrl? relay)
    {
        HttpProxySetting? inFile = ReadKey();
        if (sources.HttpProxy is { } option) return Choose(option, OptionName);
        if (inFile is not null) return Choose(inFile, Key);
        return relay is null || root.Has(Key) ? null : OfEnvironment(relay);
    }

    private static HttpProxyChoice? Choose(HttpProxySetting setting, string source) => setting.Url is { } url ? new HttpProxyChoice(url, source) : null;

    private HttpProxySetting? ReadKey()
    {
        if (root.Text(Key) is not { } text) return null;
        if (!HttpProxySetting.TryParse(text.Value, out HttpProxySetting? setting, out string? problem))
            root.Report(Key, problem);
        else if (setting.Url is { HasCredentials: true } && FilePermissions.ProblemOf(sources.ConfigPath!) is { } readable)
            root.Report(Key, "this file holds a proxy's password and " + readable);
        return setting;
    }

    /// <summary>
    /// As curl reads it: the variable of the relay's scheme before all_proxy, small letters before capitals. HTTP_PROXY in capitals is left
    /// out: in a CGI program that is what a client's field named Proxy has become (RFC 3875 section 4.1.18).
    /// </summary>
    private HttpProxyChoice? OfEnvironment(RelayUrl relay)
    {
        // A proxy's loopback is another machine's.
        if (IsLoopback(relay) || First("no_proxy", "NO_PROXY") is var (_, list) && NoProxyList.Covers(list, relay.Host)) return null;
        string[] names = relay.IsTls ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"];
        if (First(names) is not var (name, value)) return null;
        return HttpProxySetting.TryParse(value, out HttpProxySetting? setting, out string? problem)
            ? Choose(setting, name)
            : throw new ConfigException(new ConfigProblem("", 0, name, problem + $"; or go without it: {Key} = \"none\", {OptionName} none"));
    }

    private (string Name, string Value)? First(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (sources.Variable(name) is { Length: > 0 } value) return (name, value);
        return null;
    }

    private static bool IsLoopback(RelayUrl relay) => relay.Target.Address is { } address
        ? IPAddress.IsLoopback(address)
        : relay.Host == "localhost" || relay.Host.EndsWith(".localhost", StringComparison.Ordinal);
}
