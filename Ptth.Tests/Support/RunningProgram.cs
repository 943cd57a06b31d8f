using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Ptth.Tests.Support;

/// <summary>A real process of its own. Disposing it ends it by its id, its children too, and reaps it.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LastLinesBound = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly TaskCompletionSource _errorsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    /// <summary>The signals that tests send.</summary>
    public enum Signal
    {
        /// <summary>Asks to read its files again.</summary>
        Hangup = 1,

        /// <summary>What Ctrl-C sends.</summary>
        Interrupt = 2,

        /// <summary>Ends at once, no questions asked.</summary>
        Kill = 9,

        /// <summary>Asks to end.</summary>
        Terminate = 15,

        /// <summary>Goes on after <see cref="Stop"/>.</summary>
        Continue = 18,

        /// <summary>Stands still until <see cref="Continue"/>.</summary>
        Stop = 19,
    }

    /// <summary>What the process is called in a test's output.</summary>
    public string Name { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>What it writes on standard error, and on standard output where that is read.</summary>
    public LineLog Log { get; } = new();

    /// <summary>Whether it is still there.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Starts a process.</summary>
    /// <param name="name">What it is called in a test's output.</param>
    /// <param name="file">The executable, a path or a name on the search path.</param>
    /// <param name="arguments">Its arguments, none of which a shell sees.</param>
    /// <param name="readOutput">False leaves its standard output in a pipe that nobody reads: it can write a
    /// pipe's worth, and then it stalls.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static RunningProgram Start(
        string name,
        string file,
        IEnumerable<string> arguments,
        bool readOutput = true,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        // A proxy of this machine's is none of the tests'.
        foreach (var variable in info.Environment.Keys.Where(static name => name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToArray())
            info.Environment.Remove(variable);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            info.Environment[key] = value;

        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{file} cannot be started ({e.Message}): ./test.sh installs what the tests need", e);
        }

        var program = new RunningProgram(name, process);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => program.EndLog();
        process.ErrorDataReceived += (_, e) => program.OnLine(e.Data, program._errorsRead);
        process.BeginErrorReadLine();
        if (readOutput)
        {
            process.OutputDataReceived += (_, e) => program.OnLine(e.Data, program._outputRead);
            process.BeginOutputReadLine();
        }
        else
        {
            program._outputRead.SetResult();
        }

        if (process.HasExited)
            program.EndLog();
        process.StandardInput.Close();
        return program;
    }

    /// <summary>The first line, past or to come, that holds <paramref name="text"/>.</summary>
    public Task<string> WaitForLineAsync(string text, TimeSpan? within = null) =>
        Log.WaitAsync(l => l.Contains(text, StringComparison.Ordinal), $"\"{text}\"", within ?? EndBound);

    /// <summary>Waits for the line by which a program of ours says that it is ready, with all of <paramref name="facts"/> in it.</summary>
    /// <returns>The line.</returns>
    public Task<string> WaitUntilReadyAsync(params string[] facts) =>
        Log.WaitAsync(
            l => Ready().IsMatch(l) && facts.All(f => l.Contains(f, StringComparison.Ordinal)),
            $"\"ready\" {string.Join(' ', facts)}",
            ReadyBound);

    /// <summary>Sends a signal to this process alone.</summary>
    public void Send(Signal signal)
    {
        if (kill(Id, (int)signal) != 0 && IsRunning)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{Name} took no signal");
    }

    /// <summary>Ends it at once (SIGKILL) and reaps it.</summary>
    public async Task KillAsync()
    {
        Send(Signal.Kill);
        await WaitForExitAsync(EndBound);
    }

    /// <summary>Ends it and all that it started at once, and reaps it.</summary>
    public async Task KillTreeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForExitAsync(EndBound);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It went on.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        // Exited is told by the event; Process.WaitForExitAsync would also wait for whoever inherited its pipes.
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnExited(object? sender, EventArgs e) => exited.TrySetResult();
        _process.Exited += OnExited;
        try
        {
            if (!_process.HasExited)
                await exited.Task.WaitAsync(within);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} was still running after {within.TotalSeconds} s:\n{Log.Text}");
        }
        finally
        {
            _process.Exited -= OnExited;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await KillTreeAsync();

        _process.Dispose();
    }

    // Its end may be told before its last lines have been read. Whoever inherited its standard streams can hold those open: so the wait has a bound.
    private async void EndLog()
    {
        var why = $"{Name} ended with {_process.ExitCode}";
        try
        {
            await Task.WhenAll(_errorsRead.Task, _outputRead.Task).WaitAsync(LastLinesBound);
        }
        catch (TimeoutException)
        {
        }

        Log.End(why);
    }

    private void OnLine(string? line, TaskCompletionSource read)
    {
        if (line is not null)
            Log.Add(line);
        else
            read.TrySetResult();
    }

    // The word alone: an address may be "already" in use.
    [GeneratedRegex(@"\bready\b", RegexOptions.IgnoreCase)]
    private static partial Regex Ready();

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}
