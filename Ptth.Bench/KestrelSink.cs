using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace Ptth.Bench;

/// <summary>A handler for Kestrel's parser that does as little as <see cref="Sink"/>.</summary>
internal readonly struct KestrelSink(int[] bytes) : IHttpRequestLineHandler, IHttpHeadersHandler
{
    public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
        => bytes[0] += startLine.Length;

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => bytes[0] += name.Length + value.Length;

    public void OnHeadersComplete(bool endStream)
    {
    }

    public void OnStaticIndexedHeader(int index) => throw new NotSupportedException();

    public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();
}
