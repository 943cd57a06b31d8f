using System.Globalization;
using Bogus;

namespace Ptth.Tests.Support;

/// <summary>
/// Everything that one test starts or makes: ended in reverse order when the test ends, however it ends.
/// Its names and payloads come from one seed, which a failed test prints.
/// </summary>
internal sealed class TestScope : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<object> _owned = new();
    private readonly List<RunningProgram> _programs = [];
    private readonly int _seed;

    /// <summary>A scope with a seed of its own, or the one in the environment variable PTTH_TEST_SEED.</summary>
    public TestScope()
    {
        _seed = Environment.GetEnvironmentVariable("PTTH_TEST_SEED") is { } seed
            ? int.Parse(seed, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        Faker = new Faker { Random = new Randomizer(_seed) };
        Folder = Own(new TemporaryFolder());
    }

    /// <summary>Names and payloads.</summary>
    public Faker Faker { get; }

    /// <summary>A folder for this test's files.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>What a failed test should show: the seed and every program's log.</summary>
    public string Report =>
        $"PTTH_TEST_SEED={_seed}\n" + string.Join('\n', _programs.Select(p => $"--- {p.Name}\n{p.Log.Text}"));

    /// <summary>Ends <paramref name="thing"/> with the test.</summary>
    public T Own<T>(T thing)
        where T : class
    {
        lock (_lock)
            _owned.Push(thing);
        return thing;
    }

    /// <summary>Starts a program that ends with the test.</summary>
    /// <inheritdoc cref="RunningProgram.Start"/>
    public RunningProgram Start(
        string name,
        string file,
        IEnumerable<string> arguments,
        bool readOutput = true,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var program = Own(RunningProgram.Start(name, file, arguments, readOutput, environment));
        lock (_lock)
            _programs.Add(program);
        return program;
    }

    /// <summary>A pattern of its own.</summary>
    public Pattern NewPattern()
    {
        lock (_lock)
            return new Pattern(Faker.Random.ULong());
    }

    /// <summary>A name that the protocol takes for a server or a client.</summary>
    public string NewName()
    {
        lock (_lock)
            return $"{Faker.Internet.DomainWord()}.{Faker.Random.Hexadecimal(6, "")}";
    }

    /// <summary>Writes a file of random bytes.</summary>
    /// <returns>Its full path.</returns>
    public async Task<string> WriteRandomFileAsync(string name, long bytes, CancellationToken token)
    {
        var path = Folder.File(name);
        var pattern = NewPattern();
        var buffer = new byte[1024 * 1024];
        await using var file = File.Create(path);
        for (var written = 0L; written < bytes;)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes - written));
            pattern.Fill(piece.Span, written);
            await file.WriteAsync(piece, token);
            written += piece.Length;
        }

        return path;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A process that cannot be ended must not keep the next one from being ended.
        var failures = new List<Exception>();
        while (_owned.TryPop(out var thing))
        {
            try
            {
                if (thing is IAsyncDisposable later)
                    await later.DisposeAsync();
                else if (thing is IDisposable now)
                    now.Dispose();
            }
            catch (Exception e) when (e is TimeoutException or IOException or InvalidOperationException)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException("the test left something behind", failures);
    }
}
