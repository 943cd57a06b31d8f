using System.Globalization;
using System.Runtime.InteropServices;

namespace Ptth.Common.Hosting;

/// <summary>The terminal that a stream of this process may be.</summary>
/// <remarks>Not by way of <see cref="Console"/>, which would set the terminal up for reading keys, and take signals.</remarks>
public sealed partial class Terminal
{
    /// <summary>What is taken for the size of one that does not tell.</summary>
    public const int DefaultColumns = 80;

    private const int DefaultRows = 24;

    // TIOCGWINSZ of Linux on the processors that .NET runs on.
    private const nuint LinuxGetWindowSize = 0x5413;

    private readonly int _descriptor;
    private readonly Func<string, string?> _variable;

    private Terminal(int descriptor, Func<string, string?> variable)
    {
        _descriptor = descriptor;
        _variable = variable;
    }

    /// <summary>How wide it is now: as it says itself, else as COLUMNS says, else 80.</summary>
    public int Columns => Size().Columns is > 0 and var columns ? columns : FromVariable("COLUMNS", DefaultColumns);

    /// <summary>How many lines it shows now: as it says itself, else as LINES says, else 24.</summary>
    public int Rows => Size().Rows is > 0 and var rows ? rows : FromVariable("LINES", DefaultRows);

    /// <summary>Standard output, where that is a terminal that lines can be drawn on anew; null otherwise.</summary>
    public static Terminal? OfOutput(Func<string, string?> variable) => Console.IsOutputRedirected ? null : Of(1, variable);

    /// <summary>Standard error, where that is a terminal that lines can be drawn on anew; null otherwise.</summary>
    public static Terminal? OfError(Func<string, string?> variable) => Console.IsErrorRedirected ? null : Of(2, variable);

    // A dumb terminal knows no control sequences, and where TERM is missing nobody has said that there is another.
    private static Terminal? Of(int descriptor, Func<string, string?> variable) =>
        variable("TERM") is null or "" or "dumb" ? null : new Terminal(descriptor, variable);

    private WindowSize Size() =>
        OperatingSystem.IsLinux() && GetWindowSize(_descriptor, LinuxGetWindowSize, out WindowSize size) == 0 ? size : default;

    private int FromVariable(string name, int ifMissing) =>
        int.TryParse(_variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : ifMissing;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int GetWindowSize(int descriptor, nuint request, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelWidth;
        public ushort PixelHeight;
    }
}
