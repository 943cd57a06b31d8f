using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Says which HTTP proxy is on the way, and has it open a tunnel to a relay with TLS, as the proxies do.</summary>
internal sealed class HttpProxyStep : IStep
{
    public string Name => "proxy";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        if (examination is not { HttpProxy: { } proxy, Config.HttpProxy: { } choice }) return StepOutcome.Skipped("none: the way is direct");
        string which = $"{proxy}, by {choice.Source}{(choice.Url.HasCredentials ? ", with a user and a password" : "")}";
        var relay = examination.Config.Relay;
        if (!relay.IsTls) return StepOutcome.Of($"{which}: it is asked for http://{relay.HostHeader} by name, and reads all that flows");
        var channel = new SocketChannel(examination.Socket!);
        await Limited.RunAsync(
            channel,
            () => ProxyTunnel.OpenAsync(channel, proxy, new HttpOrigin(relay.Host, relay.Port, relay.HostHeader), HttpLimits.Default),
            examination,
            seconds => ProxyRefusal.Late(proxy, seconds),
            cancellation);
        return StepOutcome.Of($"{which}: CONNECT to {relay.Target} is answered with a tunnel");
    }
}
