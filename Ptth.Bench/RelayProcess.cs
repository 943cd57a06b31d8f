using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Ptth.Common.Hosting;
using Ptth.Common.Protocol;

namespace Ptth.Bench;

/// <summary>A relay in a process of its own, so that its CPU time can be told from the load's. Both kinds run on the same runtime, compiled just in time.</summary>
internal sealed class RelayProcess : IDisposable
{
    /// <summary>The first argument of the program where it is to be such a process.</summary>
    public const string Command = "serve-relay";

    /// <summary>Names the program's own assembly to the processes that run the benchmarks.</summary>
    public const string AssemblyVariable = "PTTH_BENCH_ASSEMBLY";

    private readonly Process _process;

    private RelayProcess(Process process, IPEndPoint address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>User and system time so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one and waits until it listens.</summary>
    /// <param name="kind"><c>ptth</c> or <c>kestrel</c>.</param>
    /// <param name="serverKey">The key of the server <c>s</c>.</param>
    /// <param name="clientKey">The key of the client <c>c</c>.</param>
    public static RelayProcess Start(string kind, PtthKey serverKey, PtthKey clientKey)
    {
        string assembly = Environment.GetEnvironmentVariable(AssemblyVariable)
            ?? throw new InvalidOperationException($"{AssemblyVariable} is not set: run the benchmarks by dotnet run.");
        var start = new ProcessStartInfo("dotnet", [assembly, Command, kind, serverKey.Hash().ToString(), clientKey.Hash().ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The {kind} relay ended before it listened.");
        return new RelayProcess(process, new IPEndPoint(IPAddress.Loopback, int.Parse(line, CultureInfo.InvariantCulture)));
    }

    /// <summary>Is that process: serves until standard input ends.</summary>
    public static async Task<int> ServeAsync(string kind, string serverKey, string clientKey)
    {
        if (kind == "kestrel")
        {
            (WebApplication host, IPEndPoint address) = await KestrelRelay.StartAsync();
            await ServeUntilInputEndsAsync(address);
            await host.StopAsync();
            return 0;
        }

        SocketEngine.Configure();
        if (!KeyHash.TryParse(serverKey, out KeyHash server) || !KeyHash.TryParse(clientKey, out KeyHash client)) return 2;
        using var relay = new RelayUnderTest(server, client);
        await ServeUntilInputEndsAsync(relay.Address);
        return 0;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10))) _process.Kill();
        _process.Dispose();
    }

    private static async Task ServeUntilInputEndsAsync(IPEndPoint address)
    {
        Console.WriteLine(address.Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }
}
