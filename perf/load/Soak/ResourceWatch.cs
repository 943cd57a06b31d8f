using System.Diagnostics;

namespace Ptth.Load.Soak;

/// <summary>Compares what the parties hold when nothing is going on with what they held after the warm-up.</summary>
internal sealed class ResourceWatch(IReadOnlyList<Party> parties, Tally tally)
{
    // The proxies close spare connections after their idle_connection, the thread pool idle threads after 20 s.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // What has to stay the same for so long before it counts as the state at rest.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(2.5);

    private readonly Dictionary<string, ProcessFacts> _start = [];
    private readonly Dictionary<string, ProcessFacts> _before = [];
    private readonly List<ResourceRow> _rows = [];

    /// <summary>All that was read, in order.</summary>
    public IReadOnlyList<ResourceRow> Rows => _rows;

    /// <summary>Notes what the parties hold at their start.</summary>
    public async Task NoteStartAsync(CancellationToken token) => await NoteAsync("start", _start, token);

    /// <summary>Notes what they hold after the warm-up, once that rests.</summary>
    public async Task NoteWarmAsync(CancellationToken token) => await NoteAsync("after the warm-up", _before, token);

    /// <summary>Waits until each party is within its bounds; what is not in time is a failure.</summary>
    public async Task CheckAsync(string when, CancellationToken token)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            List<(Party Party, ProcessFacts Facts, IReadOnlyList<string> Over)> all =
                [.. parties.Select(Read)];
            bool isLate = Stopwatch.GetElapsedTime(start) > Bound;
            if (isLate || all.TrueForAll(static entry => entry.Over.Count == 0))
            {
                foreach ((Party party, ProcessFacts facts, IReadOnlyList<string> over) in all)
                {
                    _rows.Add(new ResourceRow(when, party.Spec.Name, party.Starts, facts));
                    foreach (string what in over) tally.Fail($"{party.Spec.Name} {when}: {what}");
                }

                return;
            }

            await Task.Delay(Interval, token);
        }

        (Party, ProcessFacts, IReadOnlyList<string>) Read(Party party)
        {
            ProcessFacts now = party.Facts();
            return (party, now, ResourceBounds.Over(_start[party.Spec.Name], _before[party.Spec.Name], now));
        }
    }

    private async Task NoteAsync(string when, Dictionary<string, ProcessFacts> notes, CancellationToken token)
    {
        long start = Stopwatch.GetTimestamp();
        long still = start;
        string last = "";
        while (Stopwatch.GetElapsedTime(still) < Still)
        {
            if (Stopwatch.GetElapsedTime(start) > Bound) throw new TimeoutException($"{when}: the numbers of sockets do not come to rest: {last}");
            string now = string.Join(", ", parties.Select(static party => $"{party.Spec.Name} {party.Facts().Sockets}"));
            if (now != last) still = Stopwatch.GetTimestamp();
            last = now;
            await Task.Delay(Interval, token);
        }

        foreach (Party party in parties)
        {
            ProcessFacts facts = party.Facts();
            notes[party.Spec.Name] = facts;
            _rows.Add(new ResourceRow(when, party.Spec.Name, party.Starts, facts));
        }
    }
}
