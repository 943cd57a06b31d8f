using System.Globalization;
using System.Net;

namespace Ptth.Tests.Support;

/// <summary>
/// A TCP party in a process of its own that can be killed: OpenBSD's nc, which sends zeros without end. Its own
/// output goes into a pipe that nobody reads, so that it soon has unread bytes in its socket: when such a process
/// is killed, the kernel sends RST for it (tcp(7)), as it would for any program that dies with work undone. While it
/// waits for that pipe, which takes up to 64 KiB, it does not send either.
/// </summary>
internal static class Netcat
{
    /// <summary>Connects.</summary>
    public static RunningProgram Connect(TestScope scope, IPEndPoint to) => Start(scope, "nc as TCP client", "", to);

    /// <summary>Listens for one connection, on a port of its own.</summary>
    /// <returns>Where, and the process.</returns>
    public static async Task<(IPEndPoint EndPoint, RunningProgram Program)> ListenAsync(TestScope scope)
    {
        var endPoint = FreePort.Take();
        var program = Start(scope, "nc as TCP server", "-l", endPoint);
        await program.WaitForLineAsync("Listening on");
        return (endPoint, program);
    }

    // The shell gives way to nc, which keeps its process id.
    private static RunningProgram Start(TestScope scope, string name, string mode, IPEndPoint endPoint) =>
        scope.Start(
            name,
            "/bin/sh",
            ["-c", $"exec nc -v -n {mode} {endPoint.Address} {endPoint.Port.ToString(CultureInfo.InvariantCulture)} </dev/zero"],
            readOutput: false);
}
