using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Ptth.Common.Logging;
using Ptth.Common.Protocol;
using Ptth.Relay;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Tests.Relay;

/// <summary>What the line of a tunnel's end says, in both formats.</summary>
internal sealed class TunnelEndLineTests
{
    private static readonly ConnectionId Id = ConnectionId.New();

    private static string Log(LogFormat format)
    {
        using var output = new MemoryStream();
        using (ILoggerFactory loggers = LogSetup.Create(LogLevel.Information, format, output))
        {
            RelayLog.TunnelEnded(loggers.CreateLogger("relay"), Id, "laptop", new PortAddress("home", "ssh"),
                TunnelEnd.Completed, EndedBy.Server, upBytes: 12, downBytes: 34, seconds: 1.5);
        }

        return Encoding.UTF8.GetString(output.ToArray()).TrimEnd();
    }

    [Test]
    public void As_text() => Assert.That(Log(LogFormat.Text), Does.EndWith(
        $" info: relay[101] tunnel {Id} from laptop to home/ssh ended: Completed by Server, 12 bytes up, 34 bytes down, 1.500 s"));

    [Test]
    public void As_json()
    {
        using JsonDocument line = JsonDocument.Parse(Log(LogFormat.Json));
        JsonElement state = line.RootElement.GetProperty("State");
        Assert.That(state.GetProperty("Id").GetString(), Is.EqualTo(Id.ToString()));
        Assert.That(state.GetProperty("Client").GetString(), Is.EqualTo("laptop"));
        Assert.That(state.GetProperty("Address").GetString(), Is.EqualTo("home/ssh"));
        Assert.That(state.GetProperty("End").GetString(), Is.EqualTo("Completed"));
        Assert.That(state.GetProperty("By").GetString(), Is.EqualTo("Server"));
        Assert.That((state.GetProperty("UpBytes").GetInt64(), state.GetProperty("DownBytes").GetInt64()), Is.EqualTo((12, 34)));
        Assert.That(state.GetProperty("Seconds").GetDouble(), Is.EqualTo(1.5));
    }
}
