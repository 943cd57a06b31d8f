using Bogus;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using Ptth.Tests.Core;

namespace Ptth.Tests.Support;

/// <summary>
/// The base of fixtures that run parts of the programs in this process: random values from one seed, which a failed test prints, and
/// things that end with the test, the last one first. A fixture is made anew for each test.
/// </summary>
internal abstract class InProcessTest
{
    private readonly Stack<object> _owned = new();

    /// <summary>The seed of <see cref="Random"/>.</summary>
    protected int Seed { get; } = Seeds.Rounds(1).First();

    /// <summary>Sizes, choices and payloads.</summary>
    protected Randomizer Random => field ??= new Randomizer(Seed);

    /// <summary>Takes the runner's context away: the programs have none, and with one nothing would run inline.</summary>
    [SetUp]
    public void LeaveContext() => SynchronizationContext.SetSynchronizationContext(null);

    /// <summary>Ends what the test owns.</summary>
    [TearDown]
    public async Task EndAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(Seeds.Message(Seed));
        while (_owned.TryPop(out object? thing))
        {
            if (thing is IAsyncDisposable later) await later.DisposeAsync();
            else ((IDisposable)thing).Dispose();
        }
    }

    /// <summary>Ends <paramref name="thing"/> with the test.</summary>
    protected T Own<T>(T thing)
        where T : class
    {
        lock (_owned) _owned.Push(thing);
        return thing;
    }
}
