using NUnit.Framework;
using Ptth.Common.Hosting;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

[Platform(Exclude = "Win")]
internal sealed class KeyFileTests
{
    private const string NoKey = "holds no key: the file must hold the key alone, \"ptth_\" and 43 characters, without \"key =\" and quotes";

    private readonly PtthKey _key = PtthKey.Generate();
    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TempDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("\r\n")]
    public void Reads_a_key_with_or_without_its_line_end(string end)
    {
        PtthKey? read = KeyFile.Read(_directory.Write("k", _key.Reveal() + end), out string problem);
        Assert.That(read?.Reveal(), Is.EqualTo(_key.Reveal()));
        Assert.That(problem, Is.Empty);
    }

    [TestCase("{0}\n\n")]
    [TestCase("\n{0}")]
    [TestCase(" {0}")]
    [TestCase("{0} ")]
    [TestCase("{0}\r")]
    [TestCase("key = \"{0}\"")]
    [TestCase("{0}{0}{0}")]
    [TestCase("")]
    [TestCase("\n")]
    [TestCase("something else")]
    public void Anything_else_holds_no_key(string format)
    {
        string text = format.Replace("{0}", _key.Reveal(), StringComparison.Ordinal);
        // A carriage return alone is half of a line end, and is taken for one.
        bool valid = format == "{0}\r";
        PtthKey? read = KeyFile.Read(_directory.Write("k", text), out string problem);
        Assert.That(read is not null, Is.EqualTo(valid));
        Assert.That(problem, Is.EqualTo(valid ? "" : NoKey));
    }

    [Test]
    public void A_file_that_others_can_read_is_refused_with_the_command_that_mends_it()
    {
        if (OperatingSystem.IsWindows()) return;
        string path = _directory.Write("k", _key.Reveal());
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (UnixFileMode others in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupRead | UnixFileMode.OtherRead])
        {
            _directory.SetMode("k", owner | others);
            Assert.That(KeyFile.Read(path, out string problem), Is.Null);
            Assert.That(problem, Is.EqualTo($"holds a key and can be read by others; run: chmod 600 {path}"));
        }
        _directory.SetMode("k", UnixFileMode.UserRead);
        Assert.That(KeyFile.Read(path, out _), Is.Not.Null);
    }

    [TestCase("a b", "'{0}/a b'")]
    [TestCase("it's", "'{0}/it'\\''s'")]
    [TestCase("$(x)", "'{0}/$(x)'")]
    public void The_command_can_be_pasted_whatever_the_path(string name, string format)
    {
        if (OperatingSystem.IsWindows()) return;
        string path = _directory.Write(name, _key.Reveal());
        _directory.SetMode(name, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.That(FilePermissions.ProblemOf(path), Is.EqualTo(
            "can be read by others; run: chmod 600 " + format.Replace("{0}", _directory.Path, StringComparison.Ordinal)));
    }

    [Test]
    public void A_file_that_cannot_be_read_is_refused_with_the_reason()
    {
        Assert.That(KeyFile.Read(_directory.PathOf("missing"), out string problem), Is.Null);
        Assert.That(problem, Is.EqualTo("cannot be read: there is no such file"));
        Assert.That(KeyFile.Read(_directory.Path, out problem), Is.Null);
        Assert.That(problem, Is.EqualTo("cannot be read: it is a directory"));
        Assert.That(KeyFile.Read("", out problem), Is.Null);
        Assert.That(problem, Is.EqualTo("cannot be read"));
    }
}
