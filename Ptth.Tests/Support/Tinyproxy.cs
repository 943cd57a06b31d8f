using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A real tinyproxy of its own.</summary>
internal static class Tinyproxy
{
    /// <summary>Starts tinyproxy.</summary>
    public static async Task StartAsync(TestScope scope, IPEndPoint endPoint, CompanyProxyPlan plan, string password)
    {
        var config = scope.Folder.Write(
            "tinyproxy.conf",
            $"""
            Listen {endPoint.Address}
            Port {endPoint.Port}
            Timeout 600
            MaxClients 300
            LogLevel Info
            ConnectPort {(plan.Refuses ? 443 : plan.RelayPort)}
            {(plan.Refuses ? "Filter \"" + scope.Folder.Write("filter", ".*\n") + "\"" : "")}
            {(plan.HasLogin ? $"BasicAuth {plan.User} {password}" : "")}

            """);
        var program = scope.Start("tinyproxy", "tinyproxy", ["-d", "-c", config]);
        await program.WaitForLineAsync("Accepting connections");
    }
}
