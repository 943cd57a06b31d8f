namespace Ptth.Load.Soak;

/// <summary>One of the product's processes: how it is started.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Kind">What it is: <c>relay</c>, <c>server</c> or <c>client</c>.</param>
/// <param name="Configuration">Its configuration file.</param>
/// <param name="Namespace">The network namespace that it runs in; empty for this one.</param>
internal sealed record PartySpec(string Name, string Kind, string Configuration, string Namespace = "")
{
    /// <summary>How long a drain may take, seconds; long enough for a short tunnel, too short for a long one.</summary>
    public const int DrainSeconds = 2;

    /// <summary>Reads NAME=KIND:FILE, with an optional @NAMESPACE.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static PartySpec Parse(string text)
    {
        string[] place = text.Split('@');
        return place[0].Split('=', ':') is [{ } name, "relay" or "server" or "client", { } file] words
            ? new PartySpec(name, words[1], file, place.Length > 1 ? place[1] : "")
            : throw new FormatException($"'{text}' is not NAME=KIND:FILE[@NAMESPACE] with the kind relay, server or client");
    }

    /// <summary>The command, with the executables in <paramref name="folder"/>.</summary>
    public string[] Command(string folder)
    {
        string[] program = Kind == "relay" ? [$"{folder}/ptth-relay", "run"] : [$"{folder}/ptth-proxy", Kind];
        string[] command = [.. program, "--config", Configuration, "--drain", $"{DrainSeconds}"];
        return Namespace.Length == 0 ? command : ["ip", "netns", "exec", Namespace, .. command];
    }
}
