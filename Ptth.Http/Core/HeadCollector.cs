using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ptth.Http.Core;

/// <summary>Notes where a head's parts lie in the parser's input; nothing is copied until the head is known to be whole.</summary>
internal ref struct HeadCollector(ReadOnlySpan<byte> input, Span<FieldLine> lines) : IHeadHandler
{
    private readonly ReadOnlySpan<byte> _input = input;
    private readonly Span<FieldLine> _lines = lines;
    private int _count;
    private int _sectionStart;
    private int _sectionEnd;

    public ReadOnlySpan<byte> Method { get; private set; }

    public ReadOnlySpan<byte> Target { get; private set; }

    public ProtocolVersion Version { get; private set; }

    public int Status { get; private set; }

    public void OnRequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ProtocolVersion version)
    {
        Method = method;
        Target = target;
        Version = version;
    }

    public void OnStatusLine(ProtocolVersion version, int status, ReadOnlySpan<byte> reason)
    {
        Version = version;
        Status = status;
    }

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int nameStart = OffsetOf(name);
        int valueStart = OffsetOf(value);
        if (_count == 0)
            _sectionStart = nameStart;
        _sectionEnd = valueStart + value.Length;
        _lines[_count++] = new FieldLine((ushort)(nameStart - _sectionStart), (ushort)name.Length,
            (ushort)(valueStart - _sectionStart), (ushort)value.Length);
    }

    /// <summary>Copies the field section, up to the CRLF of its last line.</summary>
    public readonly FieldList ToFieldList()
    {
        int end = _sectionEnd;
        while (HttpBytes.IsWhiteSpace(_input[end])) end++;
        return new FieldList(_input[_sectionStart..end], _lines[.._count]);
    }

    // The parts are slices of the input, the empty ones too, so that the distance between the two is the offset.
    private readonly int OffsetOf(ReadOnlySpan<byte> part)
        => (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(_input), ref MemoryMarshal.GetReference(part));
}
