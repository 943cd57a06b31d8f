namespace Ptth.Http.Flow;

/// <summary>What a read of a body found besides bytes.</summary>
public enum BodyStep
{
    /// <summary>More may come.</summary>
    More,

    /// <summary>The body has ended cleanly.</summary>
    End,

    /// <summary>It broke off.</summary>
    Broken,

    /// <summary>Its framing is broken; see <see cref="BodyPieces.Violation"/>.</summary>
    Invalid,
}
