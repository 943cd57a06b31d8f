using System.Globalization;
using Bogus;

namespace Ptth.Tests.Core;

/// <summary>
/// Seeds of the tests with random input. Each run takes new ones; a failure names its own, and with the environment variable
/// <c>PTTH_TEST_SEED</c> set to it the first round repeats it.
/// </summary>
internal static class Seeds
{
    private const string Variable = "PTTH_TEST_SEED";

    private static readonly int First = Environment.GetEnvironmentVariable(Variable) is { } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : System.Random.Shared.Next(1_000_000_000);

    // Building a Faker costs far more than a round with it does.
    private static readonly ThreadLocal<Faker> Shared = new(() => new Faker());

    public static IEnumerable<int> Rounds(int count) => Enumerable.Range(First, count);

    public static Faker Faker(int seed)
    {
        Shared.Value!.Random = new Randomizer(seed);
        return Shared.Value;
    }

    public static string Message(int seed) => $"{Variable}={seed.ToString(CultureInfo.InvariantCulture)}";
}
