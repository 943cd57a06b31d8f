using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>Reads one connection's response heads.</summary>
internal sealed class ResponseHeadSink(HttpLimits limits) : IHeadSink
{
    private HeadScan _scan;
    private string _requestMethod = "";

    /// <summary>The head that was read.</summary>
    public ResponseHead? Head { get; private set; }

    /// <summary>Why it could not be.</summary>
    public HttpViolation Violation { get; private set; }

    /// <summary>Whether any byte of the response has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Gets ready for the response to a request of that method.</summary>
    public void Reset(string requestMethod)
    {
        _requestMethod = requestMethod;
        HasBegun = false;
        ResetScan();
    }

    /// <summary>Gets ready for the head that follows an interim response.</summary>
    public void ResetScan()
    {
        _scan = default;
        Head = null;
        Violation = HttpViolation.None;
    }

    /// <inheritdoc/>
    public ParseStatus TryRead(ReadOnlySpan<byte> input, out int consumed)
    {
        HasBegun = true;
        ParseStatus status = ResponseHead.TryRead(input, limits, _requestMethod, ref _scan, out ResponseHead? head, out consumed,
            out HttpViolation violation);
        Head = head;
        Violation = violation;
        return status;
    }
}
