namespace Ptth.Relay.Tunnels;

/// <summary>
/// How fast a tunnel is, from the bytes at two looks at it. 16 bytes, since each tunnel has one: of the byte counts it keeps the low halves,
/// whose differences are right as long as less than 4 GiB pass between two looks.
/// </summary>
internal struct RateSample
{
    private uint _up;
    private uint _down;
    private float _upRate;
    private float _downRate;

    /// <summary>Before the first look.</summary>
    public static RateSample None { get; } = new() { _upRate = float.NaN, _downRate = float.NaN };

    /// <summary>Bytes per second up; null where it has not been looked at twice.</summary>
    public readonly double? Up => float.IsNaN(_upRate) ? null : _upRate;

    /// <summary>Bytes per second down; null likewise.</summary>
    public readonly double? Down => float.IsNaN(_downRate) ? null : _downRate;

    /// <summary>Bytes per second both ways; 0 before.</summary>
    public readonly float Total => float.IsNaN(_upRate) ? 0 : _upRate + _downRate;

    /// <summary>Looks at it.</summary>
    /// <param name="up">All bytes up so far.</param>
    /// <param name="down">All bytes down so far.</param>
    /// <param name="seconds">Since the look before; 0 where there was none.</param>
    public void Take(long up, long down, double seconds)
    {
        if (seconds > 0)
        {
            _upRate = (float)(((uint)up - _up) / seconds);
            _downRate = (float)(((uint)down - _down) / seconds);
        }

        _up = (uint)up;
        _down = (uint)down;
    }
}
