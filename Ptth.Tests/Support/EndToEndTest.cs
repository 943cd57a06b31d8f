using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Ptth.Tests.Support;

/// <summary>
/// The base of every end-to-end fixture: one <see cref="TestScope"/> a test, ended whether the test passed or not,
/// its report printed when it failed. A fixture is made anew for each test, so that tests may run in parallel.
/// </summary>
internal abstract class EndToEndTest
{
    /// <summary>What this test started and made.</summary>
    protected TestScope Scope { get; } = new();

    /// <summary>Ends everything, and checks that no program of ours ended in an unhandled exception.</summary>
    [TearDown]
    public async Task EndScopeAsync()
    {
        var failed = TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed;
        var report = Scope.Report;
        if (failed)
            await TestContext.Out.WriteLineAsync(report);
        await Scope.DisposeAsync();
        Assert.That(report, Does.Not.Contain("Unhandled exception"));
    }
}
