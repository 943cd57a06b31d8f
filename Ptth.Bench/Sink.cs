using Ptth.Http.Core;

namespace Ptth.Bench;

/// <summary>A handler that adds up lengths, so that nothing is optimised away.</summary>
internal struct Sink : IHeadHandler
{
    public int Bytes { get; private set; }

    public void OnRequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ProtocolVersion version)
        => Bytes += method.Length + target.Length;

    public void OnStatusLine(ProtocolVersion version, int status, ReadOnlySpan<byte> reason) => Bytes += reason.Length;

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Bytes += name.Length + value.Length;
}
