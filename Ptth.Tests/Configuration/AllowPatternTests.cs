using NUnit.Framework;
using Ptth.Relay.Configuration;

namespace Ptth.Tests.Configuration;

internal sealed class AllowPatternTests
{
    [TestCase("home/ssh", "home", "ssh", true)]
    [TestCase("home/ssh", "home", "SSH", false)]
    [TestCase("home/ssh", "Home", "ssh", false)]
    [TestCase("home/ssh", "home", "ss", false)]
    [TestCase("home/ssh", "home", "sshd", false)]
    [TestCase("home/*", "home", "ssh", true)]
    [TestCase("home/*", "home2", "ssh", false)]
    [TestCase("*/ssh", "office", "ssh", true)]
    [TestCase("*/ssh", "office", "web", false)]
    [TestCase("*/*", "office", "web", true)]
    public void Matches(string text, string server, string port, bool matches)
    {
        Assert.That(AllowPattern.TryParse(text, out AllowPattern? pattern), Is.True);
        Assert.That(pattern!.Matches(server, port), Is.EqualTo(matches));
        Assert.That(pattern.ToString(), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("home")]
    [TestCase("home/")]
    [TestCase("/ssh")]
    [TestCase("home/ssh/x")]
    [TestCase("*")]
    [TestCase("**/ssh")]
    [TestCase("ho*/ssh")]
    [TestCase("home/s?h")]
    [TestCase(" home/ssh")]
    [TestCase("home /ssh")]
    [TestCase("home/ssh ")]
    [TestCase(".home/ssh")]
    public void Not_patterns(string text)
    {
        Assert.That(AllowPattern.TryParse(text, out AllowPattern? pattern), Is.False);
        Assert.That(pattern, Is.Null);
    }
}
