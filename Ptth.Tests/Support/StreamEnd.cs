namespace Ptth.Tests.Support;

/// <summary>How a stream of bytes ended for who reads it.</summary>
internal enum EndKind
{
    /// <summary>The sender said that it was done: FIN, or the last chunk.</summary>
    Clean,

    /// <summary>It broke: a reset, or a connection that went away before the end.</summary>
    Broken,
}

/// <summary>What a reader saw of a stream.</summary>
/// <param name="Bytes">How many bytes came, all of them as they should be.</param>
/// <param name="Kind">How it ended.</param>
internal readonly record struct StreamEnd(long Bytes, EndKind Kind);
