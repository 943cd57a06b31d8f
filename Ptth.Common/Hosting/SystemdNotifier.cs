using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Ptth.Common.Hosting;

/// <summary>
/// Tells systemd how the program stands (sd_notify(3)), where it was started with NOTIFY_SOCKET. It never fails: a program without
/// its service manager still works.
/// </summary>
public sealed partial class SystemdNotifier
{
    /// <summary>The variable that names the socket.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>The state of a program whose ports are bound.</summary>
    public const string Ready = "READY=1";

    /// <summary>The state of a program that has begun to read its configuration again. <see cref="Ready"/> ends it, whatever came of that.</summary>
    /// <param name="time">Its time stamp has to be of the system's monotonic clock, as <see cref="TimeProvider.System"/>'s is on Linux.</param>
    public static string Reloading(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Int128 microseconds = (Int128)time.GetTimestamp() * 1_000_000 / time.TimestampFrequency;
        return string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}");
    }

    /// <summary>The state of a program that has begun to end.</summary>
    public const string Stopping = "STOPPING=1";

    private readonly string? _path;
    private readonly ILogger _logger;

    /// <summary>A notifier to <paramref name="path"/>, the variable's value; null where the variable is not set.</summary>
    public SystemdNotifier(string? path, ILogger logger)
    {
        _path = path;
        _logger = logger;
    }

    /// <summary>A notifier to the socket that this process was given.</summary>
    public static SystemdNotifier FromEnvironment(ILogger logger) => new(Environment.GetEnvironmentVariable(Variable), logger);

    /// <summary>Sends one state, such as <see cref="Ready"/>.</summary>
    public void Notify(string state)
    {
        if (string.IsNullOrEmpty(_path)) return;
        try
        {
            // A leading @ stands for the NUL of Linux's abstract sockets, which have no file.
            string address = _path[0] == '@' ? "\0" + _path[1..] : _path;
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address));
            LogSent(state);
        }
        catch (Exception e) when (e is SocketException or ArgumentException or PlatformNotSupportedException)
        {
            LogFailed(state, e is SocketException socketError ? socketError.SocketErrorCode.ToString() : e.GetType().Name);
        }
    }

    [LoggerMessage(10, LogLevel.Debug, "Told systemd {State}")]
    private partial void LogSent(string state);

    [LoggerMessage(11, LogLevel.Debug, "Could not tell systemd {State}: {Error}")]
    private partial void LogFailed(string state, string error);
}
