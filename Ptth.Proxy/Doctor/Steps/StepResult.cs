namespace Ptth.Proxy.Doctor.Steps;

/// <summary>How a step came out.</summary>
internal enum StepResult
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It came to its end, and found something.</summary>
    Found,

    /// <summary>It could not come to its end.</summary>
    Failed,

    /// <summary>There was nothing to do, or it was not to be done.</summary>
    Skipped,
}
