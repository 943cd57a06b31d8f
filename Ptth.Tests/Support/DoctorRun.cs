using System.Text.Json;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>What a run of <c>ptth-proxy doctor --json</c> said.</summary>
internal sealed class DoctorRun
{
    private readonly CommandResult _result;
    private readonly JsonElement _document;

    private DoctorRun(CommandResult result)
    {
        _result = result;
        using var document = JsonDocument.Parse(result.Output);
        _document = document.RootElement.Clone();
    }

    /// <summary>The exit code.</summary>
    public int ExitCode => _result.ExitCode;

    /// <summary>The words of what was found.</summary>
    public string[] Findings => [.. _document.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("name").GetString()!)];

    /// <summary>Each step and how it came out.</summary>
    public (string Name, string Result)[] Steps =>
        [.. _document.GetProperty("steps").EnumerateArray().Select(step => (step.GetProperty("name").GetString()!, step.GetProperty("result").GetString()!))];

    /// <summary>Runs the doctor. No key may be in what it says.</summary>
    /// <param name="arguments">Its arguments beside <c>--json</c>.</param>
    /// <param name="token">Ends it.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static async Task<DoctorRun> OfAsync(IEnumerable<string> arguments, CancellationToken token, IReadOnlyDictionary<string, string>? environment = null)
    {
        CommandResult result = await Command.RunAsync(Repository.Proxy, ["doctor", "--json", .. arguments], token, environment: environment);
        Assert.That(result.Output, Does.StartWith("{"), result.ToString());
        Assert.That(result.ToString(), Does.Not.Match("ptth_[A-Za-z0-9_-]{8}"));
        return new DoctorRun(result);
    }

    /// <summary>Runs it against a rig's relay, or what is in front of that, with a server's key.</summary>
    public static Task<DoctorRun> OfAsync(TestScope scope, TunnelRig rig, CancellationToken token, params IEnumerable<string> arguments) =>
        OfAsync(["--relay", rig.RelayUrl + rig.BasePath, "--key-file", scope.Folder.File("server.key"), .. rig.ProxyTrust, .. arguments], token);

    /// <summary>How a step came out.</summary>
    public string ResultOf(string step) => StepOf(step).GetProperty("result").GetString()!;

    /// <summary>What a step said.</summary>
    public string TextOf(string step) => StepOf(step).GetProperty("text").GetString()!;

    /// <summary>A number that a step measured.</summary>
    public double MeasuredBy(string step, string name) => StepOf(step).GetProperty("measured").GetProperty(name).GetDouble();

    /// <summary>From how many seconds or bytes on.</summary>
    public long BoundOf(string finding) =>
        _document.GetProperty("findings").EnumerateArray().Single(found => found.GetProperty("name").GetString() == finding).GetProperty("bound").GetInt64();

    /// <summary>The directives that mend what was found, at a program.</summary>
    public string[] DirectivesAt(string program, string? finding = null) =>
    [
        .. _document.GetProperty("findings").EnumerateArray()
            .Where(found => finding is null || found.GetProperty("name").GetString() == finding)
            .SelectMany(found => found.GetProperty("remedies").EnumerateArray())
            .Where(remedy => remedy.GetProperty("at").GetString() == program)
            .SelectMany(remedy => remedy.GetProperty("directives").EnumerateArray())
            .Select(directive => directive.GetString()!)
            .Distinct(),
    ];

    /// <inheritdoc/>
    public override string ToString() => _result.ToString();

    private JsonElement StepOf(string step)
    {
        JsonElement found = _document.GetProperty("steps").EnumerateArray().SingleOrDefault(one => one.GetProperty("name").GetString() == step);
        Assert.That(found.ValueKind, Is.EqualTo(JsonValueKind.Object), $"no step {step} in {this}");
        return found;
    }
}
