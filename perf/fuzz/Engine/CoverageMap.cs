using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Ptth.Fuzz.Engine;

/// <summary>
/// Which ways through the instrumented assemblies inputs have taken: a count for each pair of branches that followed each other, in
/// the eight classes that AFL made known.
/// </summary>
internal sealed unsafe class CoverageMap
{
    private const int Pairs = 1 << 16;

    // All instrumented code of the process writes to this one; it stays until the process ends.
    private static readonly byte* Counts = (byte*)NativeMemory.AllocZeroed(Pairs);

    private readonly byte[] _classes = new byte[256];
    private readonly byte[] _seen = new byte[Pairs];

    /// <summary>A map that has seen nothing.</summary>
    /// <param name="countsMatter">Whether a pair that is taken more often than before is something new.</param>
    public CoverageMap(bool countsMatter)
    {
        for (int count = 1; count < 256; count++)
            _classes[count] = (byte)(!countsMatter ? 1 : count switch { 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 });
    }

    /// <summary>How many pairs have been seen.</summary>
    public int Seen => _seen.Count(static classes => classes != 0);

    /// <summary>Gives instrumented code something to write to; it fails without. Call it before any of it runs.</summary>
    public static void Attach() => Trace.SharedMem = Counts;

    /// <summary>Forgets what ran before.</summary>
    public static void Begin()
    {
        new Span<byte>(Counts, Pairs).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether something new was seen since <see cref="Begin"/>. It is no longer new after that.</summary>
    public bool End()
    {
        bool isNew = false;
        ReadOnlySpan<ulong> words = new(Counts, Pairs / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (int pair = word * sizeof(ulong); pair < (word + 1) * sizeof(ulong); pair++)
            {
                byte reached = _classes[Counts[pair]];
                if ((reached & ~_seen[pair]) == 0) continue;
                _seen[pair] |= reached;
                isNew = true;
            }
        }

        return isNew;
    }
}
