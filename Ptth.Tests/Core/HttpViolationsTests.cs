using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class HttpViolationsTests
{
    [Test]
    public void Every_violation_has_a_status_and_a_sentence_of_its_own()
    {
        HttpViolation[] violations = [.. Enum.GetValues<HttpViolation>().Where(violation => violation != HttpViolation.None)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(violations.Select(HttpViolations.StatusOf), Is.All.AnyOf(400, 414, 417, 431, 501, 505));
            Assert.That(violations.Select(HttpViolations.DescriptionOf), Is.Unique);
            Assert.That(violations.Select(HttpViolations.DescriptionOf), Is.All.Matches("^[A-Z][ -~]+\\.$"));
        }
    }

    [Test]
    public void No_violation_has_none()
        => Assert.That(() => HttpViolations.StatusOf(HttpViolation.None), Throws.TypeOf<ArgumentOutOfRangeException>());
}
