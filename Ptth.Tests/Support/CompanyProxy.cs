using System.Net;

namespace Ptth.Tests.Support;

/// <summary>The programs that stand between a company and the net.</summary>
internal enum CompanyProxyKind
{
    /// <summary>Squid.</summary>
    Squid,

    /// <summary>tinyproxy.</summary>
    Tinyproxy,
}

/// <summary>A real forward proxy of its own, as a company runs it: it lets nobody by to anywhere but one relay.</summary>
internal sealed class CompanyProxy
{
    /// <summary>The password of <see cref="CompanyProxyPlan.HasLogin"/>'s user, which has what a URL must encode.</summary>
    private const string Password = "p:s/s?w@d%1";

    private readonly CompanyProxyPlan _plan;

    private CompanyProxy(CompanyProxyPlan plan) => _plan = plan;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; } = FreePort.Take();

    /// <summary>Its URL, with the login where it asks for one.</summary>
    public string Url => _plan.HasLogin ? $"http://{_plan.User}:{Uri.EscapeDataString(PasswordOf(_plan.Kind))}@{EndPoint}" : BareUrl;

    /// <summary>Its URL without a login.</summary>
    public string BareUrl => $"http://{EndPoint}";

    /// <summary>Starts it.</summary>
    public static async Task<CompanyProxy> StartAsync(TestScope scope, CompanyProxyPlan plan, CancellationToken token)
    {
        var proxy = new CompanyProxy(plan);
        if (plan.Kind == CompanyProxyKind.Squid)
            await Squid.StartAsync(scope, proxy.EndPoint, plan, Password, token);
        else
            await Tinyproxy.StartAsync(scope, proxy.EndPoint, plan, PasswordOf(plan.Kind));
        return proxy;
    }

    // tinyproxy's configuration takes none of those signs.
    private static string PasswordOf(CompanyProxyKind kind) => kind == CompanyProxyKind.Squid ? Password : "secret";
}
