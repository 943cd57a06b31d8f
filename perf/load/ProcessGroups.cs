using System.Globalization;

namespace Ptth.Load;

/// <summary>The processes of a chain by name, each with all its descendants, and what they have used. Linux only: it reads /proc.</summary>
internal sealed class ProcessGroups
{
    /// <summary>The name under which the sum of all groups goes.</summary>
    public const string All = "all";

    // USER_HZ, in which /proc counts time whatever the kernel's own tick is. x86-64 and ARM64 have this one.
    private const double TicksPerSecond = 100;

    // Positions in /proc/ID/stat counted from behind the command's closing parenthesis; see proc_pid_stat(5).
    private const int ParentField = 1;
    private const int FirstTimeField = 11;
    private const int TimeFields = 4;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private readonly List<(string Name, int Id)> _roots;

    private ProcessGroups(List<(string Name, int Id)> roots) => _roots = roots;

    /// <summary>Reads "NAME=ID" texts; several may bear one name.</summary>
    /// <exception cref="FormatException">A text is not of that form.</exception>
    public static ProcessGroups Parse(IEnumerable<string> texts) =>
        new([.. texts.Select(static text => text.Split('=') is [string name, string id]
            ? (name, int.Parse(id, Culture))
            : throw new FormatException($"'{text}' is not NAME=ID"))]);

    /// <summary>CPU seconds, user and system, that each group has used so far, and all together.</summary>
    public Dictionary<string, double> CpuSeconds() => Sum(static (_, ticks) => ticks / TicksPerSecond);

    /// <summary>Resident KB (1,024 bytes) of each group now, and of all together.</summary>
    public Dictionary<string, double> ResidentKb() => Sum(static (id, _) => ProcessFacts.ReadResidentKb(id));

    private Dictionary<string, double> Sum(Func<int, long, double> measure)
    {
        var sums = new Dictionary<string, double>();
        if (_roots.Count == 0) return sums;
        Dictionary<int, (int Parent, long Ticks)> running = Running();
        ILookup<int, int> children = running.ToLookup(static entry => entry.Value.Parent, static entry => entry.Key);
        foreach ((string name, int root) in _roots)
        {
            if (!running.ContainsKey(root)) throw new InvalidOperationException($"The process {root} ({name}) has ended.");
            double sum = Family(root, children).Sum(id => measure(id, running[id].Ticks));
            sums[name] = sums.GetValueOrDefault(name) + sum;
        }

        sums[All] = sums.Values.Sum();
        return sums;
    }

    private static IEnumerable<int> Family(int root, ILookup<int, int> children) =>
        children[root].SelectMany(child => Family(child, children)).Prepend(root);

    // A parent's figures include those of children that have ended and been waited for.
    private static Dictionary<int, (int Parent, long Ticks)> Running()
    {
        var running = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, Culture, out int id)) continue;
            try
            {
                string stat = File.ReadAllText($"{directory}/stat");
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                long ticks = fields.Skip(FirstTimeField).Take(TimeFields).Sum(static field => long.Parse(field, Culture));
                running[id] = (int.Parse(fields[ParentField], Culture), ticks);
            }
            catch (IOException)
            {
                // It ended in between.
            }
        }

        return running;
    }
}
