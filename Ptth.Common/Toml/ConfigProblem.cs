using System.Globalization;
using Ptth.Common.Protocol;

namespace Ptth.Common.Toml;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="File">The file as the user named it; empty where the configuration came from elsewhere.</param>
/// <param name="Line">The line, from 1; 0 where there is none, as for a key that is missing.</param>
/// <param name="Key">The key with its tables, such as <c>server.key_hash</c>; empty where no key is meant.</param>
/// <param name="Message">What is wrong, or what would be right.</param>
public sealed record ConfigProblem(string File, int Line, string Key, string Message)
{
    /// <summary>
    /// <c>relay.toml:12: server.key_hash: must be …</c>. A key in it, as where one was written in the place of a name or of a file, is left
    /// out.
    /// </summary>
    public override string ToString()
    {
        string place = Line == 0 ? File : File + ":" + Line.ToString(CultureInfo.InvariantCulture);
        return PtthKey.LeaveOut((place.Length == 0 ? "" : place + ": ") + (Key.Length == 0 ? "" : Key + ": ") + Message);
    }
}
