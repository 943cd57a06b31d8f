using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Tests.Support;

/// <summary>Connections over a channel in memory.</summary>
internal static class InProcessConnection
{
    /// <summary>A connection whose request head was just read, so that its body is next.</summary>
    /// <param name="channel">Where the rest of the body comes from.</param>
    /// <param name="framing">The field line that tells the body's end.</param>
    /// <param name="behind">What was received together with the head.</param>
    public static async Task<(Connection Connection, BodyFraming Framing)> BehindHeadAsync(
        InProcessChannel channel, string framing, ReadOnlyMemory<byte> behind)
    {
        channel.ReceiveFirst([.. Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n"), .. behind.Span]);
        var connection = new Connection(channel);
        var sink = new RequestHeadSink(HttpLimits.Default, owner: null);
        Assert.That(await connection.ReadHeadAsync(sink), Is.EqualTo(HeadOutcome.Read));
        return (connection, sink.Head!.Framing);
    }
}
