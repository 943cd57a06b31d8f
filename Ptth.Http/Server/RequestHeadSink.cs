using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Server;

/// <summary>Reads one connection's request heads, and tells its owner, if there is one, when the first bytes of one have come.</summary>
internal sealed class RequestHeadSink(HttpLimits limits, HttpServerConnection? owner) : IHeadSink
{
    private HeadScan _scan;
    private bool _begun;

    /// <summary>The head that was read.</summary>
    public RequestHead? Head { get; private set; }

    /// <summary>Why it could not be.</summary>
    public HttpViolation Violation { get; private set; }

    /// <summary>Gets ready for the next head.</summary>
    public void Reset()
    {
        Head = null;
        Violation = HttpViolation.None;
        _scan = default;
        _begun = false;
    }

    /// <inheritdoc/>
    public ParseStatus TryRead(ReadOnlySpan<byte> input, out int consumed)
    {
        if (!_begun)
        {
            _begun = true;
            owner?.OnFirstBytes();
        }

        ParseStatus status = RequestHead.TryRead(input, limits, ref _scan, out RequestHead? head, out consumed, out HttpViolation violation);
        Head = head;
        Violation = violation;
        return status;
    }
}
