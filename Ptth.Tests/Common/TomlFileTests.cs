using NUnit.Framework;
using Ptth.Common.Toml;
using Tomlyn.Parsing;

namespace Ptth.Tests.Common;

internal sealed class TomlFileTests
{
    private const string Key = "ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static string[] ProblemsOf(string text) =>
        [.. Assert.Throws<ConfigException>(() => TomlFile.Parse(text, "f.toml").Complete())!.Problems.Select(problem => problem.ToString())];

    // What is defined twice, by the rules of TOML 1.0. The library's own validation is the oracle.
    private static readonly string[] Documents =
    [
        "a = 1\nb = 2\n",
        "a = 1\na = 2\n",
        "a = 1\n\"a\" = 2\n",
        "a.b = 1\na.c = 2\n",
        "a.b = 1\na.b = 2\n",
        "a.b = 1\na = 2\n",
        "a = 1\na.b = 2\n",
        "a.b = 1\na.b.c = 2\n",
        "a.b = 1\n[a]\nc = 2\n",
        "a.b.c = 1\n[a.d]\nx = 2\n",
        "[t]\nx = 1\n[u]\nx = 1\n",
        "[t]\nx = 1\n[t]\ny = 1\n",
        "[t.u]\nx = 1\n[t]\ny = 1\n",
        "[t]\ny = 1\n[t.u]\nx = 1\n",
        "[t]\nu = 1\n[t.u]\nx = 1\n",
        "[t]\nu.v = 1\n[t.u]\nx = 1\n",
        "[t]\nu.v = 1\n[t.u.w]\nx = 1\n",
        "[t.u]\nx = 1\n[t]\nu = 1\n",
        "t = 1\n[t]\nx = 1\n",
        "t = 1\n[t.u]\nx = 1\n",
        "t = {}\n[t]\nx = 1\n",
        "t = {}\n[t.u]\nx = 1\n",
        "t = {a = 1, a = 2}\n",
        "t = {a.b = 1, a.c = 2}\n",
        "t = {a = 1}\nt.b = 2\n",
        "[[s]]\nx = 1\n[[s]]\nx = 2\n",
        "[[s]]\nx = 1\n[s]\ny = 2\n",
        "[s]\nx = 1\n[[s]]\ny = 2\n",
        "[s.t]\nx = 1\n[[s]]\ny = 2\n",
        "s = []\n[[s]]\nx = 1\n",
        "s = [{x = 1}]\n[[s]]\nx = 1\n",
        "s = [{x = 1, x = 2}]\n",
        "s = [{x = 1}, {x = 1}]\n",
        "s = [{x = 1}]\n[s.t]\nx = 1\n",
        "s = [1]\n[s.t]\nx = 1\n",
        "[[s]]\n[s.t]\nx = 1\n[[s]]\n[s.t]\nx = 1\n",
        "[[s]]\n[s.t]\nx = 1\n[s.t]\nx = 1\n",
        "[[s]]\n[[s.t]]\nx = 1\n[[s.t]]\nx = 1\n[[s]]\n[[s.t]]\nx = 1\n",
        "[a.b.c]\nx = 1\n[a]\nb.c.d = 1\n",
    ];

    [TestCaseSource(nameof(Documents))]
    public void What_is_defined_twice_is_found_as_the_library_finds_it(string text)
    {
        bool valid = !SyntaxParser.Parse(text, "f.toml", validate: true).HasErrors;
        if (valid) Assert.That(TomlFile.Parse(text, "f.toml").Root.LineOf("none"), Is.Zero);
        else Assert.That(ProblemsOf(text), Has.Some.Matches("^f.toml:[0-9]+: [a-z.]+: is defined in line [0-9]+ already$"));
    }

    [Test]
    public void A_key_defined_twice_is_named_with_both_lines()
    {
        Assert.That(ProblemsOf("a = 1\n[t]\nb.c = 2\n# comment\nb.c = 3\n[t]\n\n[[a]]\n"), Is.EqualTo(new[]
        {
            "f.toml:5: t.b.c: is defined in line 3 already",
            "f.toml:6: t: is defined in line 2 already",
            "f.toml:8: a: is defined in line 1 already",
        }));
    }

    [Test]
    public void Syntax_errors_of_all_lines_are_found_one_for_each_line()
    {
        string[] problems = ProblemsOf("a = 'x' b = 'y'\nc = 1\nd = \n");
        Assert.That(problems, Has.Length.EqualTo(2));
        Assert.That(problems[0], Does.StartWith("f.toml:1: is not valid TOML: ").And.Contain("`b`"));
        Assert.That(problems[1], Does.StartWith("f.toml:3: is not valid TOML: "));
    }

    [TestCase("key = " + Key + "\n", 1)]
    [TestCase("\nkey = " + Key + " \"x\n", 2)]
    [TestCase("key = \"" + Key + "\" " + Key + "\n", 1)]
    [TestCase("key \"" + Key + "\"\n", 1)]
    [TestCase(Key + "\n", 1)]
    [TestCase("key = '" + Key + "'\nkey = '" + Key + "'\n", 2)]
    [TestCase("[x]\nkey = '" + Key + "'\n[x]\n", 3)]
    [TestCase("key = \"" + Key + "\\q\"\n", 1)]
    [TestCase("[" + Key + "\n", 1)]
    public void A_key_gets_into_no_error(string text, int line)
    {
        string problems = string.Join('\n', ProblemsOf(text));
        Assert.That(problems, Does.StartWith($"f.toml:{line}: "));
        Assert.That(problems, Does.Not.Contain("AAA"));
    }

    [Test]
    public void Deep_nesting_is_an_error()
    {
        Assert.That(ProblemsOf("a = " + new string('[', 5000)), Is.EqualTo(new[] { "f.toml: is not valid TOML: it is nested too deeply" }));
    }

    [Test]
    public void Reads_a_file_with_and_without_a_byte_order_mark()
    {
        using var directory = new TempDirectory();
        foreach (string text in (string[])["a = 'ß'\r\n", "\uFEFFa = 'ß'"])
            Assert.That(TomlFile.Load(directory.Write("f.toml", text)).Root.Text("a"), Is.EqualTo(new TomlText("ß", 1)));
    }

    [Test]
    public void A_file_that_cannot_be_read_is_an_error_that_says_why()
    {
        using var directory = new TempDirectory();
        string huge = directory.PathOf("huge.toml");
        using (FileStream stream = File.Create(huge)) stream.SetLength(TomlFile.MaxBytes + 1);
        string binary = directory.PathOf("binary.toml");
        File.WriteAllBytes(binary, [0x61, 0xFF]);
        string missing = directory.PathOf("missing.toml");

        Assert.That(LoadProblem(missing), Is.EqualTo($"{missing}: cannot be read: there is no such file"));
        Assert.That(LoadProblem(directory.Path), Is.EqualTo($"{directory.Path}: cannot be read: it is a directory"));
        Assert.That(LoadProblem(huge), Is.EqualTo($"{huge}: cannot be read: it is longer than such a file can be"));
        Assert.That(LoadProblem(binary), Is.EqualTo($"{binary}: is not valid TOML: it is not UTF-8"));
    }

    [Test]
    public void The_longest_file_is_read()
    {
        using var directory = new TempDirectory();
        string path = directory.Write("f.toml", "a = 'x'\n" + new string('\n', TomlFile.MaxBytes - 8));
        Assert.That(TomlFile.Load(path).Root.Text("a"), Is.EqualTo(new TomlText("x", 1)));
    }

    private static string LoadProblem(string path) => Assert.Throws<ConfigException>(() => TomlFile.Load(path))!.Problems.Single().ToString();
}
