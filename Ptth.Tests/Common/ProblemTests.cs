using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Protocol;

namespace Ptth.Tests.Common;

internal sealed class ProblemTests
{
    [Test]
    public void Is_written_as_JSON()
    {
        var problem = new Problem(ProblemTypes.TargetRefused, "Target refused", 502, "the target didn't \"want\" <it>: ß");
        Assert.That(Encoding.UTF8.GetString(problem.ToUtf8()), Is.EqualTo(
            """{"type":"urn:ptth:target-refused","title":"Target refused","status":502,"detail":"the target didn't \"want\" <it>: ß"}"""));
    }

    [Test]
    public void What_was_not_given_is_left_out()
    {
        Assert.That(Encoding.UTF8.GetString(new Problem("about:blank", "", 0, "").ToUtf8()), Is.EqualTo("""{"type":"about:blank"}"""));
    }

    [Test]
    public void Reads_what_it_writes()
    {
        var problem = new Problem(ProblemTypes.UnknownPort, "Unknown port", 502, "no port \\ \"x\" 😀");
        Assert.That(Problem.TryParse(problem.ToUtf8(), out Problem? read), Is.True);
        Assert.That(read, Is.EqualTo(problem));
    }

    [TestCase("x", 5000)]
    [TestCase("\"", 5000)]
    [TestCase("\u0001", 5000)]
    [TestCase("ß", 5000)]
    [TestCase("😀", 5000)]
    [TestCase("x", 1000)]
    public void A_long_detail_is_cut_to_fit(string piece, int count)
    {
        string detail = string.Concat(Enumerable.Repeat(piece, count));
        byte[] json = new Problem(ProblemTypes.TargetRefused, "Target refused", 502, detail).ToUtf8();
        Assert.That(json, Has.Length.LessThanOrEqualTo(Problem.MaxBytes));
        Assert.That(json, Has.Length.GreaterThan(Problem.MaxBytes - 32), "no more than needed is cut");
        using JsonDocument document = JsonDocument.Parse(json);
        string cut = document.RootElement.GetProperty("detail").GetString()!;
        Assert.That(detail, Does.StartWith(cut));
    }

    [Test]
    public void A_problem_that_just_fits_is_not_cut()
    {
        int frame = new Problem("about:blank", "", 0, "x").ToUtf8().Length - 1;
        string detail = new('x', Problem.MaxBytes - frame);
        byte[] json = new Problem("about:blank", "", 0, detail).ToUtf8();
        Assert.That(json, Has.Length.EqualTo(Problem.MaxBytes));
        Assert.That(Problem.TryParse(json, out Problem? read), Is.True);
        Assert.That(read!.Detail, Is.EqualTo(detail));
    }

    [TestCase("{}", "about:blank", "", 0, "")]
    [TestCase("  {  } \r\n", "about:blank", "", 0, "")]
    [TestCase("""{"status":502,"detail":"d","type":"t","title":"u"}""", "t", "u", 502, "d")]
    [TestCase("""{"extra":{"a":[1,{"b":null}]},"detail":"d","more":[[]]}""", "about:blank", "", 0, "d")]
    [TestCase("""{"type":1,"title":null,"status":"502","detail":["d"]}""", "about:blank", "", 0, "")]
    [TestCase("""{"status":99}""", "about:blank", "", 0, "")]
    [TestCase("""{"status":600}""", "about:blank", "", 0, "")]
    [TestCase("""{"status":502.5}""", "about:blank", "", 0, "")]
    [TestCase("""{"status":99999999999}""", "about:blank", "", 0, "")]
    [TestCase("""{"detail":"a","detail":"b"}""", "about:blank", "", 0, "b")]
    [TestCase("""{"Detail":"a"}""", "about:blank", "", 0, "")]
    [TestCase("""{"detail":"\ud83d\ude00"}""", "about:blank", "", 0, "😀")]
    public void Reads_any_object(string json, string type, string title, int status, string detail)
    {
        Assert.That(Problem.TryParse(Encoding.UTF8.GetBytes(json), out Problem? problem), Is.True);
        Assert.That(problem, Is.EqualTo(new Problem(type, title, status, detail)));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("[]")]
    [TestCase("\"text\"")]
    [TestCase("null")]
    [TestCase("{")]
    [TestCase("{} {}")]
    [TestCase("{}x")]
    [TestCase("{'detail':'d'}")]
    [TestCase("{\"detail\":\"d\",}")]
    [TestCase("{\"detail\":\"d\"")]
    [TestCase("{\"detail\"}")]
    [TestCase("{\"detail\":\"a\nb\"}")]
    [TestCase("{/**/}")]
    [TestCase("""{"detail":"\ud800"}""")]
    [TestCase("""{"\ud800":1}""")]
    [TestCase("""{"a":[[[[[[[[[[]]]]]]]]]]}""")]
    public void Refuses_what_is_not_an_object(string json)
    {
        Assert.That(Problem.TryParse(Encoding.UTF8.GetBytes(json), out Problem? problem), Is.False);
        Assert.That(problem, Is.Null);
    }

    [Test]
    public void Refuses_invalid_UTF_8_and_more_than_1_KiB()
    {
        Assert.That(Problem.TryParse([.. "{\"detail\":\""u8, 0xC3, .. "\"}"u8], out _), Is.False);
        Assert.That(Problem.TryParse([.. "{\""u8, 0xFF, .. "\":1}"u8], out _), Is.False);
        byte[] longest = [.. "{}"u8, .. Enumerable.Repeat((byte)' ', Problem.MaxBytes - 2)];
        Assert.That(Problem.TryParse(longest, out _), Is.True);
        Assert.That(Problem.TryParse([.. longest, (byte)' '], out _), Is.False);
    }

    [TestCase("""a\u0000b""", "a b")]
    [TestCase("""a\u001b[31mb""", "a [31mb")]
    [TestCase("""a\r\nb""", "a  b")]
    [TestCase("""a\u007f\u0085b""", "a  b")]
    [TestCase("""a\u2028\u2029b""", "a  b")]
    [TestCase("""a\u202eb\u200b""", "a b ")]
    [TestCase("""ä😀\t""", "ä😀 ")]
    public void Control_characters_become_spaces(string text, string harmless)
    {
        string json = $$"""{"detail":"{{text}}","title":"{{text}}","type":"{{text}}"}""";
        Assert.That(Problem.TryParse(Encoding.UTF8.GetBytes(json), out Problem? problem), Is.True);
        Assert.That(problem, Is.EqualTo(new Problem(harmless, harmless, 0, harmless)));
    }
}
