namespace Ptth.Fuzz.Reference;

/// <summary>What a head says, as far as it decides where the next message begins.</summary>
/// <param name="Framing">How the body ends; see <see cref="NaiveFraming"/>.</param>
/// <param name="IsKept">Whether the connection goes on.</param>
/// <param name="AwaitsContinue">Whether a request's sender waits for 100 before it sends the body.</param>
/// <param name="Status">A response's status.</param>
internal sealed record NaiveMessage(string Framing, bool IsKept, bool AwaitsContinue, int Status);
