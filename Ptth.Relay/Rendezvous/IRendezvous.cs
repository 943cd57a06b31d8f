using Ptth.Relay.Configuration;

namespace Ptth.Relay.Rendezvous;

/// <summary>How a wait at the rendezvous ended.</summary>
internal enum RendezvousOutcome
{
    /// <summary>The two have met.</summary>
    Matched,

    /// <summary>Nobody came within the wait, or the rendezvous has closed.</summary>
    Nobody,

    /// <summary>This party has as many waits open as it may. Of listens it is the oldest that hears this; the new one has its place.</summary>
    TooMany,

    /// <summary>The waiting party went away.</summary>
    Cancelled,
}

/// <summary>What a listen got.</summary>
/// <param name="Outcome">How the wait ended.</param>
/// <param name="Offer">The offer where it was matched.</param>
internal readonly record struct ListenResult(RendezvousOutcome Outcome, Offer? Offer);

/// <summary>
/// Brings listens and connects together. It knows names and IDs only, no connection, so that one which several relays share can
/// take its place.
/// </summary>
internal interface IRendezvous
{
    /// <summary>
    /// Waits for a client. Of several listens on a port the oldest is served first. Where the server has as many as it may, the oldest of them
    /// ends for the new one: it may be one that the server knows nothing of any more.
    /// </summary>
    /// <param name="address">The port.</param>
    /// <param name="wait">How long.</param>
    /// <param name="cancellation">The server has gone.</param>
    /// <param name="listener">Which of the server's listens it is; null where that is not known. A former one of the same name on the port ends with
    /// <see cref="RendezvousOutcome.Nobody"/>: whoever asks again has given it up.</param>
    Task<ListenResult> ListenAsync(PortAddress address, TimeSpan wait, CancellationToken cancellation, string? listener = null);

    /// <summary>Waits until a listen takes the offer. Of several offers for a port the oldest is taken first.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="wait">How long; zero asks only those who listen already.</param>
    /// <param name="cancellation">The client has gone.</param>
    Task<RendezvousOutcome> OfferAsync(Offer offer, TimeSpan wait, CancellationToken cancellation);

    /// <summary>
    /// A listen took the offer and its server could not be told: another one gets it, now or when it comes, unless it was withdrawn. Of those that wait
    /// it is the newest: what has become of the one may have become of all that are as old.
    /// </summary>
    void Return(Offer offer);

    /// <summary>An offer that was matched is no longer needed: it is not handed out again, returned before or later.</summary>
    void Withdraw(Offer offer);

    /// <summary>Other bounds from now on. Who waits already stays, also where there are more than may be.</summary>
    void Use(RelayLimits limits);

    /// <summary>Ends all waits with <see cref="RendezvousOutcome.Nobody"/>, and all later ones at once.</summary>
    void Close();
}
