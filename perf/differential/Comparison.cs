using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ptth.Differential;

/// <summary>Shows cases to implementations and waits for what they make of them.</summary>
internal static class Comparison
{
    private const int AtOnce = 8;

    /// <summary>Longer than any of them thinks; the relay waits for a server for 1 s.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>The outcome of each case with each of them, in their order.</summary>
    public static async Task<IReadOnlyList<(Case Case, Outcome[] Outcomes)>> RunAsync(IReadOnlyList<Case> cases, (string Name, int Port)[] peers, CancellationToken stopping)
    {
        var results = new (Case, Outcome[])[cases.Count];
        await Parallel.ForAsync(0, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (index, token) =>
            results[index] = (cases[index], await Task.WhenAll(peers.Select(peer => AskAsync(peer.Port, cases[index].Bytes, token)))));
        return results;
    }

    private static async Task<Outcome> AskAsync(int port, byte[] bytes, CancellationToken stopping)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, stopping);
        var received = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            await client.GetStream().WriteAsync(bytes, stopping);
            while (true)
            {
                using var quiet = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                quiet.CancelAfter(Quiet);
                int count = await client.GetStream().ReadAsync(buffer, quiet.Token);
                if (count == 0) return Outcome.Read(received.ToString(), isClosed: true);
                received.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Outcome.Read(received.ToString(), isClosed: false);
        }
        catch (IOException)
        {
            return Outcome.Read(received.ToString(), isClosed: true);
        }
    }
}
