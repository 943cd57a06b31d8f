using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class ExchangeStateTests
{
    private static readonly BodyFraming Chunked = new(BodyKind.Chunked, 0);
    private static readonly BodyFraming UntilClose = new(BodyKind.UntilClose, 0);
    private static readonly BodyFraming Empty = new(BodyKind.Length, 0);

    [Test]
    public void Exchanges_follow_one_another()
    {
        var state = new ExchangeState();
        for (int i = 0; i < 3; i++)
        {
            Assert.That(States(state), Is.EqualTo((PeerState.Idle, PeerState.Idle)));
            state.OnRequest(Chunked, keepAlive: true, expectsContinue: false);
            Assert.That(States(state), Is.EqualTo((PeerState.SendBody, PeerState.SendResponse)));
            state.OnEndOfBody(Role.Client);
            Assert.That(States(state), Is.EqualTo((PeerState.Done, PeerState.SendResponse)));
            state.OnResponse(200, Chunked, keepAlive: true);
            Assert.That(States(state), Is.EqualTo((PeerState.Done, PeerState.SendBody)));
            Assert.That(state.CanReuse, Is.False);
            state.OnEndOfBody(Role.Server);
            Assert.That(state.CanReuse, Is.True);
            state.StartNext();
        }
    }

    [Test]
    public void A_message_without_a_body_is_complete_with_its_head()
    {
        var state = new ExchangeState();
        state.OnRequest(BodyFraming.None, keepAlive: true, expectsContinue: false);
        Assert.That(States(state), Is.EqualTo((PeerState.Done, PeerState.SendResponse)));
        state.OnResponse(200, Empty, keepAlive: true);
        Assert.That(States(state), Is.EqualTo((PeerState.Done, PeerState.Done)));
    }

    [Test]
    public void A_response_may_end_while_the_request_body_still_comes()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: false);
        state.OnResponse(409, Empty, keepAlive: true);
        Assert.That(States(state), Is.EqualTo((PeerState.SendBody, PeerState.Done)));
        Assert.That(state.CanReuse, Is.False);
        state.OnEndOfBody(Role.Client);
        Assert.That(state.CanReuse, Is.True);
    }

    [Test]
    public void Interim_responses_leave_the_server_owing_the_final_one()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: true);
        state.OnResponse(103, BodyFraming.None, keepAlive: true);
        Assert.That((state[Role.Server], state.AwaitsContinue), Is.EqualTo((PeerState.SendResponse, true)));
        state.OnResponse(100, BodyFraming.None, keepAlive: true);
        Assert.That((state[Role.Server], state.AwaitsContinue), Is.EqualTo((PeerState.SendResponse, false)));
        state.OnResponse(204, BodyFraming.None, keepAlive: true);
        Assert.That(state[Role.Server], Is.EqualTo(PeerState.Done));
    }

    [Test]
    public void A_final_response_ends_an_expectation()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: true);
        Assert.That(state.AwaitsContinue, Is.True);
        state.OnResponse(401, Empty, keepAlive: false);
        Assert.That(state.AwaitsContinue, Is.False);
    }

    [Test]
    public void A_body_ends_an_expectation()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: true);
        state.OnEndOfBody(Role.Client);
        Assert.That(state.AwaitsContinue, Is.False);
    }

    [Test]
    public void There_is_no_expectation_without_a_body()
    {
        var state = new ExchangeState();
        state.OnRequest(Empty, keepAlive: true, expectsContinue: true);
        Assert.That(state.AwaitsContinue, Is.False);
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(false, false)]
    public void Either_message_can_end_the_connection(bool client, bool server)
    {
        var state = new ExchangeState();
        state.OnRequest(BodyFraming.None, client, expectsContinue: false);
        state.OnResponse(200, Chunked, server);
        state.OnEndOfBody(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.MustClose, PeerState.MustClose)));
        Assert.That(() => state.StartNext(), Throws.InvalidOperationException);
        state.OnClosed(Role.Server);
        state.OnClosed(Role.Client);
        Assert.That(States(state), Is.EqualTo((PeerState.Closed, PeerState.Closed)));
    }

    [Test]
    public void A_body_that_ends_by_closing_rules_out_another_exchange()
    {
        var state = new ExchangeState();
        state.OnRequest(BodyFraming.None, keepAlive: true, expectsContinue: false);
        state.OnResponse(200, UntilClose, keepAlive: true);
        Assert.That(state[Role.Server], Is.EqualTo(PeerState.SendBody));
        state.OnEndOfBody(Role.Server);
        state.OnClosed(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.MustClose, PeerState.Closed)));
    }

    [Test]
    public void A_client_may_close_its_half_and_still_gets_its_response()
    {
        var state = new ExchangeState();
        state.OnRequest(BodyFraming.None, keepAlive: true, expectsContinue: false);
        state.OnClosed(Role.Client);
        Assert.That(States(state), Is.EqualTo((PeerState.Closed, PeerState.SendResponse)));
        state.OnResponse(200, Empty, keepAlive: true);
        Assert.That(States(state), Is.EqualTo((PeerState.Closed, PeerState.MustClose)));
        Assert.That(state.CanReuse, Is.False);
    }

    [Test]
    public void Closing_an_idle_connection()
    {
        var state = new ExchangeState();
        state.OnClosed(Role.Client);
        Assert.That(States(state), Is.EqualTo((PeerState.Closed, PeerState.MustClose)));
        state.OnClosed(Role.Client);
        state.OnClosed(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.Closed, PeerState.Closed)));
    }

    [Test]
    public void Closing_in_the_middle_of_a_message_is_an_error()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: false);
        state.OnClosed(Role.Client);
        Assert.That(States(state), Is.EqualTo((PeerState.Error, PeerState.SendResponse)));
        state.OnClosed(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.Error, PeerState.Error)));
    }

    [Test]
    public void A_server_may_answer_what_it_could_not_read()
    {
        var state = new ExchangeState();
        state.OnError(Role.Client);
        Assert.That(States(state), Is.EqualTo((PeerState.Error, PeerState.Idle)));
        state.OnResponse(400, Chunked, keepAlive: false);
        state.OnEndOfBody(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.Error, PeerState.MustClose)));
        state.OnError(Role.Client);
        state.OnClosed(Role.Client);
        Assert.That(state[Role.Client], Is.EqualTo(PeerState.Error));
    }

    [Test]
    public void A_server_may_answer_a_request_whose_body_broke()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: false);
        state.OnError(Role.Client);
        state.OnResponse(400, Empty, keepAlive: true);
        Assert.That(States(state), Is.EqualTo((PeerState.Error, PeerState.MustClose)));
    }

    [Test]
    public void A_client_that_is_done_beside_a_server_that_failed_must_close()
    {
        var state = new ExchangeState();
        state.OnRequest(BodyFraming.None, keepAlive: true, expectsContinue: false);
        state.OnError(Role.Server);
        Assert.That(States(state), Is.EqualTo((PeerState.MustClose, PeerState.Error)));
    }

    [Test]
    public void What_the_calling_program_does_wrong_throws_and_changes_nothing()
    {
        AssertRefused(Fresh, state => state.OnEndOfBody(Role.Client));
        AssertRefused(Fresh, state => state.OnEndOfBody(Role.Server));
        AssertRefused(Fresh, state => state.OnResponse(100, BodyFraming.None, true));
        AssertRefused(Fresh, state => state.StartNext());
        AssertRefused(Requested, state => state.OnRequest(BodyFraming.None, true, false));
        AssertRefused(Requested, state => state.OnEndOfBody(Role.Server));
        AssertRefused(Requested, state => state.StartNext());
        AssertRefused(Answered, state => state.OnResponse(200, Empty, true));
        AssertRefused(Answered, state => state.OnResponse(100, BodyFraming.None, true));
        AssertRefused(Answered, state => state.OnRequest(BodyFraming.None, true, false));
        AssertRefused(Broken, state => state.OnRequest(BodyFraming.None, true, false));
        AssertRefused(Broken, state => state.OnResponse(200, Empty, true));
        AssertRefused(Broken, state => state.OnEndOfBody(Role.Client));
        AssertRefused(Broken, state => state.StartNext());
    }

    [Test]
    public void Messages_that_there_are_not_are_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Fresh().OnRequest(UntilClose, true, false), Throws.ArgumentException);
            Assert.That(() => Requested().OnResponse(101, BodyFraming.None, true), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Requested().OnResponse(99, BodyFraming.None, true), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    private static ExchangeState Fresh() => new();

    private static ExchangeState Requested()
    {
        var state = new ExchangeState();
        state.OnRequest(Chunked, keepAlive: true, expectsContinue: false);
        return state;
    }

    private static ExchangeState Answered()
    {
        ExchangeState state = Requested();
        state.OnEndOfBody(Role.Client);
        state.OnResponse(200, Empty, keepAlive: true);
        return state;
    }

    private static ExchangeState Broken()
    {
        ExchangeState state = Requested();
        state.OnError(Role.Client);
        state.OnError(Role.Server);
        return state;
    }

    private static void AssertRefused(Func<ExchangeState> make, Action<ExchangeState> step)
    {
        ExchangeState state = make();
        (PeerState, PeerState) before = States(state);
        Assert.That(() => step(state), Throws.InvalidOperationException);
        Assert.That(States(state), Is.EqualTo(before));
    }

    private static (PeerState Client, PeerState Server) States(ExchangeState state) => (state[Role.Client], state[Role.Server]);
}
