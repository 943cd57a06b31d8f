namespace Ptth.Http.Flow;

/// <summary>The kernel pipes that flows splice through, for whoever watches the program.</summary>
public static class SplicePipes
{
    /// <summary>How many have bytes in them.</summary>
    public static int InUse => Math.Max(0, KernelPipe.Existing - KernelPipe.Pooled);

    /// <summary>How many wait to be used.</summary>
    public static int Pooled => KernelPipe.Pooled;
}
