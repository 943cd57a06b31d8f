namespace Ptth.Fuzz;

/// <summary>Something that reads bytes from outside, with what must hold whatever the bytes are.</summary>
internal interface IFuzzTarget
{
    /// <summary>Its name, which is also that of its corpus.</summary>
    string Name { get; }

    /// <summary>The words that its inputs are made of: a file in <c>dictionaries</c>.</summary>
    string Dictionary { get; }

    /// <summary>The longest input that is worth the time, bytes.</summary>
    int MaxBytes { get; }

    /// <summary>Runs one input. Depends on nothing but the input, so that a finding can be repeated.</summary>
    /// <exception cref="Finding">Something does not hold. Any other exception is a finding too.</exception>
    void Run(ReadOnlySpan<byte> input);
}
