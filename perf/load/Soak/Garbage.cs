using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ptth.Load.Soak;

/// <summary>What somebody without a key throws at the relay's ports.</summary>
internal static class Garbage
{
    private static readonly string[] Heads =
    [
        "POST /v1/upstream/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /v1/connect/home/service HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer ptth_AAAA\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];

    // A record of a handshake, version 3.1, with a ClientHello of 508 bytes in it, of which the rest is random.
    private static readonly byte[] HelloStart = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];

    /// <summary>All kinds, each with what makes its bytes.</summary>
    public static IReadOnlyList<(string Kind, Func<Random, byte[]> Make)> Kinds { get; } =
    [
        ("random bytes", static random => Bytes(random, random.Next(1, 4096))),
        ("random text with line ends", static random => Ascii(Text(random, 40) + "\r\n" + Text(random, 40) + "\r\n\r\n")),
        ("half a head", static random => Ascii(Heads[0][..random.Next(1, Heads[0].Length - 4)])),
        ("a ClientHello", static random => [.. HelloStart, .. Bytes(random, 506)]),
        ("half a ClientHello", static random => [.. HelloStart, .. Bytes(random, random.Next(200))]),
        ("a huge chunk", static random => Ascii(Head(random) + "7FFFFFFFFFFFFFFF\r\n" + Text(random, 900))),
        ("a chunk size beyond all numbers", static random => Ascii(Head(random) + new string('F', 40) + "\r\n")),
        ("a huge head", static random => Ascii("GET /v1/health HTTP/1.1\r\nHost: relay\r\nX: " + Text(random, 40_000) + "\r\n\r\n")),
        ("nothing", static _ => []),
    ];

    /// <summary>Sends it on a connection of its own and waits for the connection's end, whoever ends it.</summary>
    /// <returns>What is wrong with what came back; null where nothing is.</returns>
    public static async Task<string?> ThrowAsync(Socket socket, IPEndPoint target, byte[] bytes, bool leavesAtOnce, TimeSpan patience)
    {
        using var bound = new CancellationTokenSource(patience);
        byte[] answer = new byte[4096];
        int filled = 0;
        try
        {
            await socket.ConnectAsync(target, bound.Token);
            for (int sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent), bound.Token);
            if (leavesAtOnce) return null;
            while (await socket.ReceiveAsync(answer.AsMemory(filled), bound.Token) is int received and > 0)
            {
                filled += received;
                if (filled == answer.Length) return "more than 4 KB came back";
            }
        }
        catch (SocketException)
        {
            // Reset: an end like any other here.
        }
        catch (OperationCanceledException)
        {
            return $"the connection was still open after {patience.TotalSeconds} s";
        }

        ReadOnlySpan<byte> came = answer.AsSpan(0, filled);
        if (TunnelPattern.Find(came) is { } found) return $"bytes of tunnel {found.Id:x} came back";
        bool isAlert = filled > 0 && came[0] == 0x15;
        if (filled == 0 || isAlert || came.StartsWith("HTTP/1.1 4"u8)) return null;
        // What a long word or a strange version at the start of a line may be taken for.
        if (came.StartsWith("HTTP/1.1 501 "u8) || came.StartsWith("HTTP/1.1 505 "u8)) return null;
        return $"it was answered with {Encoding.ASCII.GetString(came[..Math.Min(filled, 40)])}";
    }

    private static string Head(Random random) => Heads[random.Next(Heads.Length)];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Text(Random random, int length) =>
        string.Create(length, random, static (text, random) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = (char)random.Next(' ', '\x7f');
        });
}
