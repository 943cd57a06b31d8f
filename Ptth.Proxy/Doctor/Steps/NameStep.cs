using Ptth.Http.Client;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Resolves the name of the host that connections go to.</summary>
internal sealed class NameStep : IStep
{
    private const int MaxShown = 8;

    public string Name => "name";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        string host = examination.Host;
        ResolvedName name = await NameResolver.ResolveAsync(host, examination.Config.Timeouts.RelayConnect, examination.Time, cancellation);
        bool isProxys = examination.HttpProxy is not null;
        if (name.Failure != DialFailure.None) return StepOutcome.Failed($"{name.Detail}; {Remedy(name.Failure, isProxys)}");
        examination.Addresses = name.Addresses;
        if (name.Addresses is [var only] && only.ToString() == host) return StepOutcome.Of($"{host} is an address already");
        string addresses = string.Join(", ", name.Addresses.Take(MaxShown)) + (name.Addresses.Count > MaxShown ? ", …" : "");
        return StepOutcome.Of($"{host}{(isProxys ? ", the proxy," : "")} is {addresses}");
    }

    private static string Remedy(DialFailure failure, bool isProxys) => (failure, isProxys) switch
    {
        (DialFailure.UnknownName, false) => "check the relay's URL; where only an HTTP proxy knows such names, give that: --proxy URL",
        (DialFailure.UnknownName, true) => "check the proxy's URL",
        _ => "check this machine's network and its name servers (/etc/resolv.conf)",
    };
}
