namespace Ptth.Http.Core;

/// <summary>Which side of a connection.</summary>
public enum Role
{
    /// <summary>The side that sends requests.</summary>
    Client,

    /// <summary>The side that sends responses.</summary>
    Server,
}

/// <summary>What one side of a connection is at.</summary>
public enum PeerState
{
    /// <summary>Nothing sent in this exchange.</summary>
    Idle,

    /// <summary>The server owes a response.</summary>
    SendResponse,

    /// <summary>A head was sent, its body has not ended.</summary>
    SendBody,

    /// <summary>The message is complete; the side is ready for another exchange.</summary>
    Done,

    /// <summary>The message is complete; the connection must close.</summary>
    MustClose,

    /// <summary>The side has closed.</summary>
    Closed,

    /// <summary>The side broke the rules or broke off.</summary>
    Error,
}

/// <summary>
/// One connection's exchanges, role-blind: both halves of the stack, the client's and the server's, judge both peers by this one table.
/// </summary>
public sealed class ExchangeState
{
    /// <summary>What a side is at.</summary>
    public PeerState this[Role role] => throw new NotImplementedException();

    /// <summary>Whether the client still waits for an interim 100 before it sends its body.</summary>
    public bool AwaitsContinue => throw new NotImplementedException();

    /// <summary>Whether both messages are complete and the connection may serve another exchange.</summary>
    public bool CanReuse => throw new NotImplementedException();

    /// <summary>The client sent a request's head.</summary>
    public void OnRequest(BodyFraming framing, bool keepAlive, bool expectsContinue) => throw new NotImplementedException();

    /// <summary>The server sent a response's head: interim (1xx) or final.</summary>
    public void OnResponse(int status, BodyFraming framing, bool keepAlive) => throw new NotImplementedException();

    /// <summary>A side's body ended cleanly.</summary>
    public void OnEndOfBody(Role role) => throw new NotImplementedException();

    /// <summary>A side closed its sending direction.</summary>
    public void OnClosed(Role role) => throw new NotImplementedException();

    /// <summary>A side broke the rules, or its message broke off.</summary>
    public void OnError(Role role) => throw new NotImplementedException();

    /// <summary>Begins the next exchange; allowed where <see cref="CanReuse"/>.</summary>
    public void StartNext() => throw new NotImplementedException();
}
