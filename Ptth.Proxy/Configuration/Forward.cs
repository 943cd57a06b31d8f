using System.Diagnostics.CodeAnalysis;
using System.Net;
using Ptth.Common.Net;
using Ptth.Common.Protocol;

namespace Ptth.Proxy.Configuration;

/// <summary>A local address, and the server's port that its connections go to.</summary>
internal sealed record Forward(IPEndPoint Listen, string Server, string Port)
{
    /// <summary>What a forward on the command line must be, for error texts.</summary>
    public const string Expected = "must be [ADDRESS:]PORT=SERVER/NAME, such as \"2222=home/ssh\" or \"[::1]:2222=home/ssh\"";

    /// <summary>What a destination must be, for error texts.</summary>
    public const string ExpectedDestination = "must be SERVER/NAME, such as \"home/ssh\"";

    /// <summary>Reads <c>[ADDRESS:]PORT=SERVER/NAME</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Forward? forward)
    {
        forward = null;
        int equals = text.IndexOf('=');
        if (equals < 0 || !ListenAddress.TryParseForward(text[..equals], out IPEndPoint? listen)) return false;
        if (!TryParseDestination(text[(equals + 1)..], out (string Server, string Port) destination)) return false;
        forward = new Forward(listen, destination.Server, destination.Port);
        return true;
    }

    /// <summary>Reads <c>SERVER/NAME</c>.</summary>
    public static bool TryParseDestination(ReadOnlySpan<char> text, out (string Server, string Port) destination)
    {
        destination = default;
        int slash = text.IndexOf('/');
        if (slash < 0 || !PtthName.TryParse(text[..slash], out string? server) || !PtthName.TryParse(text[(slash + 1)..], out string? port)) return false;
        destination = (server, port);
        return true;
    }
}
