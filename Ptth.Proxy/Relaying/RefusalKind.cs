namespace Ptth.Proxy.Relaying;

/// <summary>What an error answer is about.</summary>
internal enum RefusalKind
{
    /// <summary>This request alone: the relay serves others.</summary>
    Request,

    /// <summary>Every request with this key.</summary>
    Key,

    /// <summary>Every request: the relay takes none for now, or it is no relay.</summary>
    Relay,
}
