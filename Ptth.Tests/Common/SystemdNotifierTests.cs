using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

[Platform("Linux")]
internal sealed class SystemdNotifierTests
{
    private static Socket Bind(string address)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(address));
        return socket;
    }

    private static async Task<string> Receive(Socket socket, CancellationToken cancellation)
    {
        byte[] buffer = new byte[64];
        int length = await socket.ReceiveAsync(buffer, cancellation);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    [Test, CancelAfter(10_000)]
    public async Task Tells_a_socket_in_the_file_system(CancellationToken cancellation)
    {
        using var directory = new TempDirectory();
        using Socket socket = Bind(directory.PathOf("notify"));
        new SystemdNotifier(directory.PathOf("notify"), NullLogger.Instance).Notify(SystemdNotifier.Ready);
        Assert.That(await Receive(socket, cancellation), Is.EqualTo("READY=1"));
    }

    [Test, CancelAfter(10_000)]
    public async Task Tells_an_abstract_socket(CancellationToken cancellation)
    {
        string name = "ptth-test-" + Guid.NewGuid().ToString("N");
        using Socket socket = Bind("\0" + name);
        new SystemdNotifier("@" + name, NullLogger.Instance).Notify(SystemdNotifier.Ready);
        Assert.That(await Receive(socket, cancellation), Is.EqualTo("READY=1"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("@")]
    [TestCase("/nowhere/at/all")]
    [TestCase("relative")]
    public void Without_a_listener_nothing_happens(string? path)
    {
        var notifier = new SystemdNotifier(path, NullLogger.Instance);
        Assert.That(() => notifier.Notify(SystemdNotifier.Ready), Throws.Nothing);
    }

    [Test]
    public void A_path_that_is_too_long_does_no_harm()
    {
        var notifier = new SystemdNotifier("/" + new string('a', 500), NullLogger.Instance);
        Assert.That(() => notifier.Notify(SystemdNotifier.Ready), Throws.Nothing);
    }
}
