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
/// <remarks>
/// <para>
/// Theory of operation. A connection carries exchanges one after the other, and in each exchange two messages, one each way.
/// Each side has its own state, since the two messages overlap freely: a response may begin, and even end, while the request's
/// body is still coming. What a side does moves its own state (<see cref="Next"/>); the only event that moves the other side
/// is a request, which makes the server owe a response. All of that is one table, and a pair that is not in it is a mistake of
/// the program that calls, whichever role it plays: it throws <see cref="InvalidOperationException"/> and changes nothing.
/// A mistake of the peer is an event of its own, <see cref="OnError"/>.
/// </para>
/// <para>
/// After each event <see cref="Settle"/> draws what follows from both states together: a side that is done, or has not begun,
/// beside one that closed or failed has nobody to go on with, and a side that is done on a connection which one of
/// them wants to end must close. Closing is catching, so it repeats until nothing changes.
/// </para>
/// <para>
/// Keep-alive is a property of the connection, not of a side: the first message that rules it out decides for both (RFC 9112
/// section 9.3), and a body that ends by closing rules it out. The next exchange begins only when both are done, so
/// requests that were pipelined wait in the buffer, and no response can overtake an earlier one.
/// </para>
/// <para>
/// A message without a body (<see cref="BodyFraming.HasBody"/>: Content-Length 0 counts as none) is complete with its head.
/// Interim responses leave the server owing the final one. An expectation ends with the 100, with the
/// final response, or with the body, since a client may stop waiting at any time (RFC 9110 section 10.1.1).
/// </para>
/// </remarks>
public sealed class ExchangeState
{
    private PeerState _client;
    private PeerState _server;
    private bool _keepAlive = true;

    /// <summary>What moves a side.</summary>
    private enum Step
    {
        /// <summary>The client sends a head that a body follows.</summary>
        RequestWithBody,

        /// <summary>The client sends a head that is the whole message.</summary>
        Request,

        /// <summary>The server sends a 1xx head.</summary>
        InterimResponse,

        /// <summary>The server sends a final head that a body follows.</summary>
        ResponseWithBody,

        /// <summary>The server sends a final head that is the whole message.</summary>
        Response,

        /// <summary>The side's body ends as its framing says.</summary>
        EndOfBody,

        /// <summary>The side closes its sending direction.</summary>
        Close,

        /// <summary>The side breaks the rules or breaks off.</summary>
        Fail,
    }

    /// <summary>What a side is at.</summary>
    public PeerState this[Role role] => role == Role.Client ? _client : _server;

    /// <summary>Whether the client still waits for an interim 100 before it sends its body.</summary>
    public bool AwaitsContinue { get; private set; }

    /// <summary>Whether both messages are complete and the connection may serve another exchange.</summary>
    public bool CanReuse => _client == PeerState.Done && _server == PeerState.Done;

    /// <summary>The client sent a request's head.</summary>
    /// <param name="framing">How its body ends.</param>
    /// <param name="keepAlive">Whether it lets the connection go on.</param>
    /// <param name="expectsContinue">Whether it waits for 100 before its body.</param>
    public void OnRequest(BodyFraming framing, bool keepAlive, bool expectsContinue)
    {
        if (framing.Kind == BodyKind.UntilClose)
            throw new ArgumentException("A request's body cannot end by closing.", nameof(framing));

        Step step = framing.HasBody ? Step.RequestWithBody : Step.Request;
        PeerState client = Require(Role.Client, step);
        PeerState server = Require(Role.Server, step);
        _client = client;
        _server = server;
        _keepAlive &= keepAlive;
        AwaitsContinue = expectsContinue && framing.HasBody;
        Settle();
    }

    /// <summary>The server sent a response's head: interim (1xx) or final.</summary>
    /// <param name="status">Its status; 101 would leave HTTP and is refused.</param>
    /// <param name="framing">How its body ends.</param>
    /// <param name="keepAlive">Whether it lets the connection go on.</param>
    public void OnResponse(int status, BodyFraming framing, bool keepAlive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        if (status == 101)
            throw new ArgumentOutOfRangeException(nameof(status), status, "No upgrade is ever asked for.");

        if (status < 200)
        {
            _server = Require(Role.Server, Step.InterimResponse);
            AwaitsContinue &= status != 100;
            return;
        }

        _server = Require(Role.Server, framing.HasBody ? Step.ResponseWithBody : Step.Response);
        _keepAlive &= keepAlive && framing.Kind != BodyKind.UntilClose;
        AwaitsContinue = false;
        Settle();
    }

    /// <summary>A side's body ended cleanly.</summary>
    public void OnEndOfBody(Role role)
    {
        Move(role, Step.EndOfBody);
        if (role == Role.Client)
            AwaitsContinue = false;
    }

    /// <summary>
    /// A side closed its sending direction. In the middle of a message that is an error of that side; a body that ends by
    /// closing is ended with <see cref="OnEndOfBody"/> first.
    /// </summary>
    public void OnClosed(Role role) => Move(role, Step.Close);

    /// <summary>A side broke the rules, or its message broke off.</summary>
    public void OnError(Role role) => Move(role, Step.Fail);

    /// <summary>Begins the next exchange; allowed where <see cref="CanReuse"/>.</summary>
    public void StartNext()
    {
        if (!CanReuse)
            throw new InvalidOperationException($"The next exchange cannot begin: client {_client}, server {_server}.");
        _client = PeerState.Idle;
        _server = PeerState.Idle;
    }

    /// <summary>The transition table: where a step takes a side, or null where the step is not possible.</summary>
    private static PeerState? Next(Role role, PeerState state, Step step) => (role, state, step) switch
    {
        // A side that failed stays so, whatever else is noticed about it.
        (_, PeerState.Error, Step.Fail or Step.Close) => PeerState.Error,
        (_, _, Step.Fail) => PeerState.Error,

        (Role.Client, PeerState.Idle, Step.RequestWithBody) => PeerState.SendBody,
        (Role.Client, PeerState.Idle, Step.Request) => PeerState.Done,
        (Role.Server, PeerState.Idle, Step.RequestWithBody or Step.Request) => PeerState.SendResponse,

        (Role.Server, PeerState.SendResponse, Step.InterimResponse) => PeerState.SendResponse,

        // An idle server may answer what it could not read as a request (400), or a silence that grew too long (408).
        (Role.Server, PeerState.SendResponse or PeerState.Idle, Step.ResponseWithBody) => PeerState.SendBody,
        (Role.Server, PeerState.SendResponse or PeerState.Idle, Step.Response) => PeerState.Done,

        (_, PeerState.SendBody, Step.EndOfBody) => PeerState.Done,

        // Who closes in the middle of a message, or without having answered, breaks off.
        (_, PeerState.SendBody or PeerState.SendResponse, Step.Close) => PeerState.Error,
        (_, PeerState.Idle or PeerState.Done or PeerState.MustClose or PeerState.Closed, Step.Close) => PeerState.Closed,

        _ => null,
    };

    private PeerState Require(Role role, Step step) => Next(role, this[role], step)
        ?? throw new InvalidOperationException($"{step} is not possible for the {role} now: client {_client}, server {_server}.");

    private void Move(Role role, Step step)
    {
        PeerState next = Require(role, step);
        if (role == Role.Client)
            _client = next;
        else
            _server = next;
        Settle();
    }

    /// <summary>Draws what follows from both states together, until nothing changes.</summary>
    private void Settle()
    {
        PeerState client;
        PeerState server;
        do
        {
            client = _client;
            server = _server;
            _client = Beside(client, server);
            _server = Beside(server, client);
        }
        while (_client != client || _server != server);
    }

    private PeerState Beside(PeerState own, PeerState other)
    {
        bool ending = !_keepAlive || other is PeerState.MustClose or PeerState.Closed or PeerState.Error;
        return own switch
        {
            PeerState.Done when ending => PeerState.MustClose,
            PeerState.Idle when other is PeerState.Closed => PeerState.MustClose,
            _ => own,
        };
    }
}
