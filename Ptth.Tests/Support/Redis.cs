using System.Globalization;
using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A real redis-server of its own, which keeps nothing on disk.</summary>
internal sealed class Redis
{
    private Redis()
    {
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; } = FreePort.Take();

    /// <summary>Starts it.</summary>
    public static async Task<Redis> StartAsync(TestScope scope)
    {
        var redis = new Redis();
        var program = scope.Start(
            "redis-server",
            "redis-server",
            [
                "--bind", redis.EndPoint.Address.ToString(), "--port", redis.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
                "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", scope.Folder.Path,
            ]);
        await program.WaitForLineAsync("eady to accept connections");
        return redis;
    }

    /// <summary>The arguments that send redis-benchmark and redis-cli to <paramref name="via"/>.</summary>
    public static string[] At(IPEndPoint via) =>
        ["-h", via.Address.ToString(), "-p", via.Port.ToString(CultureInfo.InvariantCulture)];
}
