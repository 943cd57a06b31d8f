namespace Ptth.Proxy.Live;

/// <summary>Whether the relay can be used, as far as a proxy knows.</summary>
internal enum LinkState
{
    /// <summary>Not tried yet.</summary>
    Connecting,

    /// <summary>The last request to the relay went as it should.</summary>
    Connected,

    /// <summary>The last request failed.</summary>
    Lost,
}
