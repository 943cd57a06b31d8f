namespace Ptth.Proxy.Configuration;

/// <summary>How a party's bytes go to the relay.</summary>
internal enum UploadMode
{
    /// <summary>As a stream.</summary>
    Stream,

    /// <summary>As a stream, or in segments where a probe says that the path needs them.</summary>
    Auto,

    /// <summary>In segments.</summary>
    Segments,
}
