using System.Diagnostics.CodeAnalysis;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Configuration;

/// <summary>What a client may reach: <c>SERVER/PORT</c>, each half a name or <c>*</c> for any.</summary>
internal sealed record AllowPattern
{
    /// <summary>What a pattern must be, for error texts.</summary>
    public const string Expected = "must be SERVER/PORT, each a name or \"*\", such as \"home/ssh\" or \"office/*\"";

    private const string Any = "*";

    private AllowPattern(string server, string port)
    {
        Server = server;
        Port = port;
    }

    /// <summary>The server's name, or <c>*</c>.</summary>
    public string Server { get; }

    /// <summary>The port's name, or <c>*</c>.</summary>
    public string Port { get; }

    /// <summary>Whether any server is meant rather than one.</summary>
    public bool IsAnyServer => Server == Any;

    /// <summary>Reads a pattern.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AllowPattern? pattern)
    {
        pattern = null;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return false;
        string server = text[..slash], port = text[(slash + 1)..];
        if (!IsHalf(server) || !IsHalf(port)) return false;
        pattern = new AllowPattern(server, port);
        return true;
    }

    /// <summary>Whether the pattern allows that port of that server.</summary>
    public bool Matches(string server, string port) => (IsAnyServer || Server == server) && (Port == Any || Port == port);

    /// <inheritdoc/>
    public override string ToString() => Server + "/" + Port;

    private static bool IsHalf(string half) => half == Any || PtthName.IsValid(half);
}
