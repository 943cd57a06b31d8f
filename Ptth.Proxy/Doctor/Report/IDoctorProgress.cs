using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>Is told as the doctor goes on.</summary>
internal interface IDoctorProgress
{
    /// <summary>A step begins.</summary>
    void Begin(IStep step);

    /// <summary>It is over.</summary>
    void End(StepReport step);
}
