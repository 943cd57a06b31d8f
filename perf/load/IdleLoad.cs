using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>Tunnels that have echoed one message and then do nothing. They cost what the resident size grows by.</summary>
internal static class IdleLoad
{
    private const int Dialers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Measures and prints; <paramref name="settle"/> is how long the tunnels idle before.</summary>
    public static void Run(IPEndPoint target, int count, TimeSpan settle, ProcessGroups groups)
    {
        Dictionary<string, double> before = groups.ResidentKb();
        var sockets = new Socket?[count];
        int errors = 0;
        try
        {
            ForEach(number =>
            {
                sockets[number] = Dialer.Connect(target, Patience);
                return Dialer.Echo(sockets[number]!, Dialer.Message(number));
            });
            Thread.Sleep(settle);
            Dictionary<string, double> after = groups.ResidentKb();

            // They are all there still.
            ForEach(number => sockets[number] is Socket socket && Dialer.Echo(socket, Dialer.Message(number)));
            foreach ((string name, double kb) in after)
            {
                LoadCommands.Print($"idle.start_kb.{name}", before[name]);
                LoadCommands.Print($"idle.tunnel_kb.{name}", (kb - before[name]) / count);
            }

            LoadCommands.Print("errors", errors);
        }
        finally
        {
            foreach (Socket? socket in sockets) socket?.Dispose();
        }

        void ForEach(Func<int, bool> isDone) => Dialer.RunThreads(Dialers, first =>
        {
            for (int number = first; number < count; number += Dialers)
            {
                try
                {
                    if (!isDone(number)) Interlocked.Increment(ref errors);
                }
                catch (SocketException)
                {
                    Interlocked.Increment(ref errors);
                }
            }
        });
    }
}
