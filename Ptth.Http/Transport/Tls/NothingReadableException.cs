namespace Ptth.Http.Transport.Tls;

/// <summary>
/// Takes the record layer out of a read when all records that came held nothing to receive, such as session tickets: going on to wait
/// within it would hold its buffer. It is thrown between two records only, or when asked not to wait, and loses nothing.
/// </summary>
internal sealed class NothingReadableException : IOException
{
}
