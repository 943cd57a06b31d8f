using NUnit.Framework;
using Ptth.Fuzz;
using Ptth.Fuzz.Engine;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Fuzz;

/// <summary>
/// The targets of <c>perf/fuzz.sh</c>, for a moment and without coverage: on all that was worth keeping, on the vectors, and on mutations
/// of both. It keeps the targets from falling behind the code; to find something takes longer.
/// </summary>
[Parallelizable(ParallelScope.All)]
internal sealed class FuzzTargetTests
{
    private const int Mutations = 2_000;

    private static readonly string Home = Path.Combine(Repository.Root, "perf", "fuzz");

    private static IEnumerable<string> Names() => FuzzTargets.All().Select(static target =>
    {
        using (target as IDisposable) return target.Name;
    });

    [TestCaseSource(nameof(Names))]
    public void What_must_hold_holds(string name)
    {
        IFuzzTarget target = FuzzTargets.Of(name);
        using (target as IDisposable)
        {
            List<byte[]> inputs = [.. Corpus.Load(Path.Combine(Home, "corpus", name)), .. Vector.All().Select(static vector => vector.Bytes).Where(bytes => bytes.Length <= target.MaxBytes)];
            foreach (byte[] input in inputs) target.Run(input);

            int seed = Seeds.Rounds(1).Single();
            var random = new Random(seed);
            var mutator = new Mutator(random, Corpus.LoadDictionary(Path.Combine(Home, "dictionaries", target.Dictionary)), target.MaxBytes);
            for (int i = 0; i < Mutations; i++)
            {
                ReadOnlySpan<byte> input = mutator.Mutate(inputs[random.Next(inputs.Count)], inputs[random.Next(inputs.Count)]);
                try
                {
                    target.Run(input);
                }
                catch (Exception failure)
                {
                    throw new AssertionException($"{Convert.ToHexString(input)}: {failure.Message} ({Seeds.Message(seed)})", failure);
                }
            }
        }
    }

    [TestCaseSource(nameof(Names))]
    public void A_target_has_a_corpus_and_a_dictionary(string name)
    {
        IFuzzTarget target = FuzzTargets.Of(name);
        using (target as IDisposable)
        {
            List<byte[]> inputs = Corpus.Load(Path.Combine(Home, "corpus", name));
            Assert.That(inputs, Is.Not.Empty);
            Assert.That(inputs.Select(static input => input.Length), Is.All.LessThanOrEqualTo(target.MaxBytes));
            Assert.That(Corpus.LoadDictionary(Path.Combine(Home, "dictionaries", target.Dictionary)), Is.Not.Empty);
        }
    }
}
