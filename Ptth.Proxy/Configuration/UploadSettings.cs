namespace Ptth.Proxy.Configuration;

/// <summary>How a party's bytes go to the relay, and how long segments are.</summary>
/// <param name="Mode">How they go.</param>
/// <param name="SegmentBytes">The longest segment, bytes.</param>
internal sealed record UploadSettings(UploadMode Mode = UploadSettings.DefaultMode, int SegmentBytes = UploadSettings.DefaultSegmentBytes)
{
    /// <summary>What suits every path: a probe tells.</summary>
    public const UploadMode DefaultMode = UploadMode.Auto;

    /// <summary>Most that cut bodies off allow 1 MiB: nginx does where nothing is said.</summary>
    public const int DefaultSegmentBytes = 1024 * 1024;

    /// <summary>Below it nothing would go but heads.</summary>
    public const int MinSegmentBytes = 1024;

    /// <summary>What a tunnel may hold.</summary>
    public const int MaxSegmentBytes = 16 * 1024 * 1024;

    /// <summary>What a mode must be.</summary>
    public const string Expected = "must be \"stream\", \"segments\" or \"auto\"";

    /// <summary>Reads a mode.</summary>
    public static bool TryParseMode(ReadOnlySpan<char> text, out UploadMode mode)
    {
        (bool isOne, mode) = text switch
        {
            "auto" => (true, UploadMode.Auto),
            "stream" => (true, UploadMode.Stream),
            "segments" => (true, UploadMode.Segments),
            _ => (false, default),
        };
        return isOne;
    }
}
