namespace Ptth.Proxy.Doctor.Steps;

/// <summary>One thing that the doctor looks at.</summary>
internal interface IStep
{
    /// <summary>Its word, in JSON too.</summary>
    string Name { get; }

    /// <summary>Whether those behind it would fail for the same reason.</summary>
    bool IsNeeded { get; }

    /// <summary>What to say while it is under way, where that is long; empty else.</summary>
    string Hint => "";

    /// <summary>Looks at it.</summary>
    /// <exception cref="IOException">A connection failed; the message says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/>.</exception>
    Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation);
}
