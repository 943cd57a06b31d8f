namespace Ptth.Relay.Tunnels;

/// <summary>Through whom a tunnel ended.</summary>
internal enum EndedBy
{
    /// <summary>The client, or its side of the way.</summary>
    Client,

    /// <summary>The server, or its side of the way.</summary>
    Server,

    /// <summary>The relay, by one of its bounds or since it stops.</summary>
    Relay,

    /// <summary>Whoever runs the relay.</summary>
    Operator,
}
