using System.Diagnostics.CodeAnalysis;
using Ptth.Common.Net;
using Ptth.Common.Protocol;

namespace Ptth.Proxy.Configuration;

/// <summary>A port offered under a name, and the TCP server that it means.</summary>
internal sealed record PortMapping(string Name, HostPort Target)
{
    /// <summary>What a mapping on the command line must be, for error texts.</summary>
    public const string Expected = "must be NAME=HOST:PORT, such as \"ssh=127.0.0.1:22\"";

    /// <summary>Reads <c>NAME=HOST:PORT</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out PortMapping? mapping)
    {
        mapping = null;
        int equals = text.IndexOf('=');
        if (equals < 0 || !PtthName.TryParse(text[..equals], out string? name)) return false;
        if (!HostPort.TryParse(text[(equals + 1)..], out HostPort? target)) return false;
        mapping = new PortMapping(name, target);
        return true;
    }
}
