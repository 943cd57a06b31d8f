namespace Ptth.Load.Soak;

/// <summary>What became of a tunnel.</summary>
/// <param name="Plan">What it was to do.</param>
/// <param name="Client">How the client saw it.</param>
/// <param name="Server">How the server saw it.</param>
/// <param name="WasDisturbed">Whether something on the way was killed or pulled while it was there.</param>
/// <param name="IsFailure">Whether it may not have gone like this.</param>
internal sealed record TunnelVerdict(TunnelPlan Plan, HalfResult Client, HalfResult Server, bool WasDisturbed, bool IsFailure)
{
    /// <summary>Judges the two ends together.</summary>
    public static TunnelVerdict Judge(TunnelPlan plan, HalfResult client, HalfResult server, bool wasDisturbed)
    {
        bool isRight = plan.Kind switch
        {
            // Who resets at once may have gone before the server is connected to.
            TunnelKind.ClientResets => client.Outcome == Outcome.OwnReset && server.Outcome is Outcome.Broken or Outcome.Unseen,
            TunnelKind.ServerResets => client.Outcome == Outcome.Broken && server.Outcome == Outcome.OwnReset,
            _ => client.Outcome == Outcome.Clean && server.Outcome == Outcome.Clean,
        };
        bool isWrong = client.IsWrong || server.IsWrong || (!isRight && !wasDisturbed);
        return new TunnelVerdict(plan, client, server, wasDisturbed, isWrong);
    }

    /// <summary>In how it ended: as planned, or broken by what was done to it.</summary>
    public bool WentAsPlanned => !IsFailure && (Plan.IsReset
        ? Client.Outcome == Outcome.OwnReset || Server.Outcome == Outcome.OwnReset
        : Client.Outcome == Outcome.Clean && Server.Outcome == Outcome.Clean);

    /// <inheritdoc/>
    public override string ToString() =>
        $"tunnel {Plan.Id:x} ({Plan.Kind}, {Plan.UpBytes} up, {Plan.DownBytes} down): client {Client}; server {Server}{(WasDisturbed ? "; disturbed" : "")}";
}
