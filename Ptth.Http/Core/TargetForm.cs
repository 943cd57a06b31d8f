using System.Text;

namespace Ptth.Http.Core;

/// <summary>The forms of a request target (RFC 9112 section 3.2), whose bytes the parser has checked.</summary>
internal static class TargetForm
{
    /// <summary>Judges the form and finds the path in it.</summary>
    /// <param name="method">The method: <c>*</c> goes with OPTIONS alone, and CONNECT is not served.</param>
    /// <param name="target">The target.</param>
    /// <param name="path">Where its path lies, without the query; empty for <c>*</c> and for a URI without a path.</param>
    /// <param name="authority">Where the authority of a URI lies; empty for the other forms.</param>
    public static HttpViolation Check(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, out Range path, out Range authority)
    {
        path = default;
        authority = default;
        if (method.SequenceEqual("CONNECT"u8))
            return HttpViolation.ConnectNotSupported;

        if (target[0] == (byte)'/')
        {
            path = 0..PathEnd(target, 0);
            return HttpViolation.None;
        }

        if (target.SequenceEqual("*"u8))
            return method.SequenceEqual("OPTIONS"u8) ? HttpViolation.None : HttpViolation.InvalidTargetForm;

        int start = AuthorityStart(target);
        if (start < 0)
            return HttpViolation.InvalidTargetForm;

        int length = target[start..].IndexOfAny((byte)'/', (byte)'?');
        int authorityEnd = length < 0 ? target.Length : start + length;
        authority = start..authorityEnd;
        if (!HostSyntax.IsHostAndPort(target[authority]))
            return HttpViolation.InvalidTargetForm;

        path = authorityEnd..PathEnd(target, authorityEnd);
        return HttpViolation.None;
    }

    /// <summary>Whether a Host field names what the authority of the URI in <paramref name="target"/> names, which decides the scheme's own port.</summary>
    public static bool IsSameHost(ReadOnlySpan<byte> host, ReadOnlySpan<byte> target, Range authority) =>
        HostSyntax.IsSame(host, target[authority], target[4] == (byte)':' ? ":80"u8 : ":443"u8);

    private static int AuthorityStart(ReadOnlySpan<byte> target)
    {
        foreach (int length in (ReadOnlySpan<int>)["http://".Length, "https://".Length])
        {
            if (target.Length >= length && Ascii.EqualsIgnoreCase(target[..length], length == 7 ? "http://"u8 : "https://"u8))
                return length;
        }

        return -1;
    }

    private static int PathEnd(ReadOnlySpan<byte> target, int from)
    {
        int query = target[from..].IndexOf((byte)'?');
        return query < 0 ? target.Length : from + query;
    }
}
