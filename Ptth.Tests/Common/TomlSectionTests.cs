using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Toml;

namespace Ptth.Tests.Common;

internal sealed class TomlSectionTests
{
    private static void AssertProblems(string text, Action<TomlSection> read, params string[] expected)
    {
        TomlFile file = TomlFile.Parse(text, "f.toml");
        read(file.Root);
        if (expected.Length == 0)
            Assert.That(file.Complete, Throws.Nothing);
        else
            Assert.That(Assert.Throws<ConfigException>(file.Complete)!.Problems.Select(problem => problem.ToString()), Is.EqualTo(expected));
    }

    [Test]
    public void Texts_carry_their_lines()
    {
        AssertProblems("""
            a = "x"
            "b c" = 'y\n'
            # comment
            list = [
                "one", "two",
                # comment
                "three",
            ]
            """, root =>
        {
            Assert.That(root.Text("a"), Is.EqualTo(new TomlText("x", 1)));
            Assert.That(root.Text("b c"), Is.EqualTo(new TomlText("y\\n", 2)));
            Assert.That(root.Text("none"), Is.Null);
            Assert.That(root.Texts("list"), Is.EqualTo(new TomlText[] { new("one", 5), new("two", 5), new("three", 7) }));
            Assert.That(root.Texts("none"), Is.Null);
            Assert.That(root.Has("a"), Is.True);
            Assert.That(root.Has("none"), Is.False);
            Assert.That(root.LineOf("list"), Is.EqualTo(4));
        });
    }

    [Test]
    public void Wrong_types_are_problems_at_their_lines()
    {
        AssertProblems("""
            text = 1
            texts = "x"
            items = ["x",
              2]
            number = "3"
            seconds = 1.5
            timeout = true
            table = 1
            tables = [1]

            [section]
            """, root =>
        {
            Assert.That(root.Text("text"), Is.Null);
            Assert.That(root.Texts("texts"), Is.Null);
            Assert.That(root.Texts("items"), Has.Count.EqualTo(1));
            Assert.That(root.Number("number", 1, 9, 5), Is.EqualTo(5));
            Assert.That(root.Seconds("seconds", 1, 9, TimeSpan.FromSeconds(5)), Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(root.TimeoutSeconds("timeout", 9, TimeSpan.FromSeconds(5)), Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(root.Table("table").Text("x"), Is.Null);
            Assert.That(root.Tables("tables"), Is.Null);
            Assert.That(root.Tables("section"), Is.Null);
        },
            "f.toml:1: text: must be a text in quotes",
            "f.toml:2: texts: must be an array of texts in quotes: [\"...\", \"...\"]",
            "f.toml:4: items: must be an array of texts in quotes: [\"...\", \"...\"]",
            "f.toml:5: number: must be a whole number from 1 to 9",
            "f.toml:6: seconds: must be a whole number of seconds from 1 to 9",
            "f.toml:7: timeout: must be a whole number of seconds from 1 to 9, or 0 for no time-out",
            "f.toml:8: table: must be a table: [table] and its keys below",
            "f.toml:9: tables: must be tables: [[tables]] and its keys below, for each one",
            "f.toml:11: section: must be tables: [[section]] and its keys below, for each one");
    }

    [TestCase("2", 2)]
    [TestCase("9", 9)]
    [TestCase("+5", 5)]
    [TestCase("0x5", 5)]
    public void Numbers_in_range(string text, int expected)
    {
        AssertProblems($"n = {text}", root => Assert.That(root.Number("n", 2, 9, 7), Is.EqualTo(expected)));
        AssertProblems($"n = {text}", root => Assert.That(root.Seconds("n", 2, 9, default), Is.EqualTo(TimeSpan.FromSeconds(expected))));
        AssertProblems($"n = {text}", root => Assert.That(root.TimeoutSeconds("n", 9, default), Is.EqualTo(TimeSpan.FromSeconds(expected))));
    }

    [TestCase("1")]
    [TestCase("10")]
    [TestCase("-2")]
    [TestCase("4294967298")]
    [TestCase("9223372036854775807")]
    public void Numbers_out_of_range_are_problems(string text)
    {
        AssertProblems($"n = {text}", root => Assert.That(root.Number("n", 2, 9, 7), Is.EqualTo(7)),
            "f.toml:1: n: must be a whole number from 2 to 9");
        AssertProblems($"n = {text}", root => Assert.That(root.Seconds("n", 2, 9, TimeSpan.Zero), Is.EqualTo(TimeSpan.Zero)),
            "f.toml:1: n: must be a whole number of seconds from 2 to 9");
    }

    [Test]
    public void Zero_turns_a_timeout_off_and_is_a_wait_of_no_time()
    {
        AssertProblems("n = 0", root => Assert.That(root.TimeoutSeconds("n", 9, TimeSpan.FromSeconds(1)), Is.EqualTo(Timeout.InfiniteTimeSpan)));
        AssertProblems("n = 0", root => Assert.That(root.Seconds("n", 0, 9, TimeSpan.FromSeconds(1)), Is.EqualTo(TimeSpan.Zero)));
        AssertProblems("n = 10", root => Assert.That(root.TimeoutSeconds("n", 9, TimeSpan.FromSeconds(1)), Is.EqualTo(TimeSpan.FromSeconds(1))),
            "f.toml:1: n: must be a whole number of seconds from 1 to 9, or 0 for no time-out");
        AssertProblems("n = -1", root => Assert.That(root.TimeoutSeconds("n", 9, TimeSpan.FromSeconds(1)), Is.EqualTo(TimeSpan.FromSeconds(1))),
            "f.toml:1: n: must be a whole number of seconds from 1 to 9, or 0 for no time-out");
    }

    [Test]
    public void Required_texts()
    {
        AssertProblems("""
            target = "a:1"
            [t]
            target = "a"
            [u]
            """, root =>
        {
            Assert.That(root.TryRequire<HostPort>("target", HostPort.TryParse, HostPort.Expected, out HostPort? target), Is.True);
            Assert.That(target!.ToString(), Is.EqualTo("a:1"));
            Assert.That(root.Table("t").TryRequire<HostPort>("target", HostPort.TryParse, "must be T", out target), Is.False);
            Assert.That(target, Is.Null);
            Assert.That(root.Table("u").TryRequire<HostPort>("target", HostPort.TryParse, "must be T", out _), Is.False);
            Assert.That(root.Table("v").TryRequire<HostPort>("target", HostPort.TryParse, "must be T", out _), Is.False);
            Assert.That(root.Table("v").TryRead<HostPort>("target", HostPort.TryParse, "must be T", out _), Is.False);
        },
            "f.toml: v.target: is missing; it must be T",
            "f.toml:3: t.target: must be T",
            "f.toml:4: u.target: is missing; it must be T");
    }

    [Test]
    public void Tables_in_all_their_spellings()
    {
        AssertProblems("""
            dotted.x = "1"
            inline = { x = "2", y.z = "3" }
            array = [ { x = "4" },
                      { x = "5" } ]
            empty = []
            [header]
            x = "6"
            [deep.er]
            x = "7"
            [[many]]
            x = "8"
            [[many]]
            x = "9"
            """, root =>
        {
            Assert.That(root.Table("dotted").Text("x"), Is.EqualTo(new TomlText("1", 1)));
            Assert.That(root.Table("inline").Text("x"), Is.EqualTo(new TomlText("2", 2)));
            Assert.That(root.Table("inline").Table("y").Text("z"), Is.EqualTo(new TomlText("3", 2)));
            Assert.That(root.Tables("array")!.Select(table => table.Text("x")), Is.EqualTo(new TomlText?[] { new("4", 3), new("5", 4) }));
            Assert.That(root.Table("header").Text("x"), Is.EqualTo(new TomlText("6", 7)));
            Assert.That(root.Table("deep").Table("er").Text("x"), Is.EqualTo(new TomlText("7", 9)));
            Assert.That(root.Tables("many")!.Select(table => table.Text("x")), Is.EqualTo(new TomlText?[] { new("8", 11), new("9", 13) }));
            Assert.That(root.Tables("many")!.Select(table => table.Line), Is.EqualTo(new[] { 10, 12 }));
            Assert.That(root.Tables("empty"), Is.Empty);
            Assert.That(root.Tables("none"), Is.Empty);
        });
    }

    [Test]
    public void Unknown_keys_are_problems_with_the_nearest_known_one()
    {
        AssertProblems("""
            lisen = 1
            zzz = 2
            [limits]
            max_conections = 3
            [[server]]
            nam = 4
            [limit]
            max_connections = 5
            [[server]]
            listen = 6
            """, root =>
        {
            root.Texts("listen");
            root.Table("limits").Number("max_connections", 1, 9, 1);
            foreach (TomlSection server in root.Tables("server")!) server.Text("name");
        },
            "f.toml:1: lisen: unknown key; did you mean \"listen\"?",
            "f.toml:2: zzz: unknown key; known here are limits, listen, server",
            "f.toml:4: limits.max_conections: unknown key; did you mean \"max_connections\"?",
            "f.toml:6: server.nam: unknown key; did you mean \"name\"?",
            "f.toml:7: limit: unknown key; did you mean \"limits\"?",
            "f.toml:10: server.listen: unknown key; it belongs above the first line in brackets");
    }
}
