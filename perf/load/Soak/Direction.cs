namespace Ptth.Load.Soak;

/// <summary>A direction of a tunnel.</summary>
internal enum Direction
{
    /// <summary>From the client to the server.</summary>
    Up,

    /// <summary>From the server to the client.</summary>
    Down,
}
