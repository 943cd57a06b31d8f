using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>
/// Takes the sockets that the service manager hands over: descriptors from 3 on, as many as LISTEN_FDS says, if LISTEN_PID is this
/// process, and with the names in LISTEN_FDNAMES (sd_listen_fds(3)).
/// </summary>
public static partial class InheritedSockets
{
    /// <summary>More than anybody listens on; what is beyond it is a mistake.</summary>
    public const int Most = 64;

    private const int First = 3;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Takes them; once only, since the variables are unset.</summary>
    /// <param name="sockets">The sockets; none where there are none for this process.</param>
    /// <param name="problem">What is wrong with them, where that is so.</param>
    /// <returns>Whether nothing is wrong.</returns>
    public static bool TryTake(out IReadOnlyList<InheritedSocket> sockets, [NotNullWhen(false)] out string? problem)
    {
        string? process = TakeVariable("LISTEN_PID"), count = TakeVariable("LISTEN_FDS"), names = TakeVariable("LISTEN_FDNAMES");
        // A process that was started by the one that they were for sees the variables too.
        bool isForThis = OperatingSystem.IsLinux() && process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return TryTake(isForThis ? count ?? "" : "0", names ?? "", out sockets, out problem);
    }

    private static bool TryTake(string count, string names, out IReadOnlyList<InheritedSocket> sockets, [NotNullWhen(false)] out string? problem)
    {
        sockets = [];
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > Most)
        {
            problem = $"LISTEN_FDS must be the number of sockets, at most {Most}, and is \"{count}\"";
            return false;
        }

        string[] split = names.Split(':');
        var taken = new List<InheritedSocket>(number);
        for (int i = 0; i < number; i++)
        {
            problem = TryAdopt(First + i, i < split.Length ? split[i] : "", taken);
            if (problem is null) continue;
            taken.ForEach(static socket => socket.Socket.Dispose());
            return false;
        }

        sockets = taken;
        problem = null;
        return true;
    }

    private static string? TryAdopt(int descriptor, string name, List<InheritedSocket> taken)
    {
        const string Expected = "it must be a TCP socket that listens (ListenStream= with a port, and Accept=no)";
        // No program that is started from here is to have it.
        if (SetFlags(descriptor, SetDescriptorFlags, CloseOnExec) < 0) return $"LISTEN_FDS names descriptor {descriptor}, which is not open";
        Socket? socket = null;
        try
        {
            socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            bool listens = socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
                && socket.SocketType == SocketType.Stream
                && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0;
            if (listens)
            {
                taken.Add(new InheritedSocket(name, socket));
                return null;
            }
        }
        catch (SocketException)
        {
            // No socket at all, or one of a kind that does not tell.
        }

        socket?.Dispose();
        return $"descriptor {descriptor} of LISTEN_FDS{(name.Length > 0 ? $", \"{name}\"," : "")} cannot be used: {Expected}";
    }

    private static string? TakeVariable(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return value;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int SetFlags(int descriptor, int command, int argument);
}
