namespace Ptth.Proxy.Doctor.Report;

/// <summary>Is told as the doctor goes on.</summary>
internal interface IDoctorProgress
{
    /// <summary>A step begins.</summary>
    void Begin(string step);

    /// <summary>It is over.</summary>
    void End(StepReport step);
}
