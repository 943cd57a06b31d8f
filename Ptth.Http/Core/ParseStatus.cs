namespace Ptth.Http.Core;

/// <summary>What a parser made of the bytes that it was shown.</summary>
public enum ParseStatus
{
    /// <summary>The bytes are the beginning of something; show them again with more behind them.</summary>
    NeedMore,

    /// <summary>A whole element was read.</summary>
    Done,

    /// <summary>No bytes that could follow would make this right. The connection is beyond use.</summary>
    Invalid,
}
