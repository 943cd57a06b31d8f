using NUnit.Framework;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Common;

/// <summary>Who may be able to read a secret.</summary>
internal sealed class FilePermissionsTests
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Credentials = "/run/credentials/ptth-proxy-server.service";

    [TestCase(Owner, "/etc/ptth/server.key", ExpectedResult = null)]
    [TestCase(Owner | UnixFileMode.GroupRead, "/etc/ptth/server.key", ExpectedResult = "can be read by others; run: chmod 600 /etc/ptth/server.key")]
    [TestCase(Owner | UnixFileMode.OtherRead, "/etc/ptth/server.key", ExpectedResult = "can be read by others; run: chmod 600 /etc/ptth/server.key")]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.GroupRead, Credentials + "/key", ExpectedResult = null)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.OtherRead, Credentials + "/key", ExpectedResult = "can be read by others; run: chmod 600 " + Credentials + "/key")]
    [TestCase(Owner | UnixFileMode.GroupRead, Credentials + "/../key", ExpectedResult = "can be read by others; run: chmod 600 " + Credentials + "/../key")]
    [TestCase(Owner | UnixFileMode.GroupRead, Credentials + ".d/key", ExpectedResult = "can be read by others; run: chmod 600 " + Credentials + ".d/key")]
    public string? A_secret_is_its_owners_alone_and_the_groups_bits_of_a_credential_are_no_groups(UnixFileMode mode, string path) =>
        FilePermissions.ProblemOf(mode, path, Credentials);

    [TestCase(null)]
    [TestCase("")]
    public void Without_credentials_the_group_counts_everywhere(string? credentials) =>
        Assert.That(FilePermissions.ProblemOf(UnixFileMode.UserRead | UnixFileMode.GroupRead, "/run/key", credentials), Is.Not.Null);
}
