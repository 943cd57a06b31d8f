using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ptth.Load.Soak;

/// <summary>One of the product's processes while it runs: started, watched, killed by its ID, started again.</summary>
internal sealed class Party : IDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(PartySpec.DrainSeconds + 10);

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly StreamWriter _log;
    private readonly Tally _tally;
    private Process? _process;
    private TaskCompletionSource<int> _exited = new();
    private volatile bool _mayEnd = true;
    private bool _isOver;

    /// <summary>A party that is not running yet.</summary>
    /// <param name="spec">How it is started.</param>
    /// <param name="folder">Where the executables are.</param>
    /// <param name="logs">Where its log goes.</param>
    /// <param name="tally">Where it is noted when it ends by itself.</param>
    public Party(PartySpec spec, string folder, string logs, Tally tally)
    {
        Spec = spec;
        _folder = folder;
        _tally = tally;
        _log = new StreamWriter(Path.Combine(logs, $"{spec.Name}.log")) { AutoFlush = true };
    }

    /// <summary>How it is started.</summary>
    public PartySpec Spec { get; }

    /// <summary>Its process's ID.</summary>
    public int Id => _process!.Id;

    /// <summary>How many times it has been started.</summary>
    public int Starts { get; private set; }

    /// <summary>How many tunnels it has said to have ended since its start.</summary>
    public int TunnelsEnded { get; private set; }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public async Task StartAsync()
    {
        string[] command = Spec.Command(_folder);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var exited = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardInput = true },
            EnableRaisingEvents = true,
        };
        process.ErrorDataReceived += (_, line) => OnLine(line.Data, ready);
        process.Exited += (_, _) => OnExit(process, exited);
        TunnelsEnded = 0;
        Starts++;
        lock (_lock)
        {
            if (_isOver) throw new OperationCanceledException("The run is over.");
            _process?.Dispose();
            _exited = exited;
            _mayEnd = false;
            process.Start();
            _process = process;
        }

        process.BeginErrorReadLine();
        process.StandardInput.Close();
        await ready.Task.WaitAsync(ReadyBound);
    }

    /// <summary>Kills it: SIGKILL, no questions asked.</summary>
    public async Task KillAsync()
    {
        _mayEnd = true;
        _ = kill(Id, SigKill);
        await _exited.Task.WaitAsync(EndBound);
    }

    /// <summary>Asks it to end (SIGTERM) and waits for its drain; what it ends with has to be 0.</summary>
    public async Task StopAsync()
    {
        _mayEnd = true;
        _ = kill(Id, SigTerm);
        try
        {
            int code = await _exited.Task.WaitAsync(EndBound);
            if (code != 0) _tally.Fail($"{Spec.Name} was asked to end and ended with {code}");
        }
        catch (TimeoutException)
        {
            _tally.Fail($"{Spec.Name} was asked to end and was still there after {EndBound.TotalSeconds} s");
            await KillAsync();
        }
    }

    /// <summary>What it holds now.</summary>
    public ProcessFacts Facts() => ProcessFacts.Read(Id);

    /// <summary>Kills it where it runs; it is not started again. May be called by anyone, at any time.</summary>
    public void KillForGood()
    {
        lock (_lock)
        {
            _isOver = true;
            _mayEnd = true;
            if (_process is { } process && !_exited.Task.IsCompleted) _ = kill(process.Id, SigKill);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        KillForGood();
        _process?.WaitForExit();
        _process?.Dispose();
        _log.Dispose();
    }

    private void OnExit(Process process, TaskCompletionSource<int> exited)
    {
        if (!_mayEnd) _tally.Fail($"{Spec.Name} ended by itself with {process.ExitCode}");
        exited.TrySetResult(process.ExitCode);
    }

    private void OnLine(string? line, TaskCompletionSource ready)
    {
        if (line is null) return;
        _log.WriteLine(line);
        if (line.Contains("] ready: ", StringComparison.Ordinal)) ready.TrySetResult();
        else if (IsTunnelEnd(line)) TunnelsEnded++;
        else if (IsDefect(line)) _tally.Fail($"{Spec.Name} logged: {line}");
    }

    // One line for each tunnel, and for each connection that did not become one.
    private static bool IsTunnelEnd(string line) =>
        (line.Contains("] tunnel ", StringComparison.Ordinal) && line.Contains(" ended: ", StringComparison.Ordinal))
        || line.Contains("] no tunnel to ", StringComparison.Ordinal);

    private static bool IsDefect(string line) =>
        line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal);

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int id, int signal);
}
