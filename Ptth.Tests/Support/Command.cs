using System.ComponentModel;
using System.Diagnostics;

namespace Ptth.Tests.Support;

/// <summary>What a command that ran to its end left.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <inheritdoc/>
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";
}

/// <summary>Runs a command to its end.</summary>
internal static class Command
{
    /// <summary>Runs a command; ends it by its id when it takes too long.</summary>
    /// <param name="file">The executable, a path or a name on the search path.</param>
    /// <param name="arguments">Its arguments, none of which a shell sees.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="token">Ends it.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static async Task<CommandResult> RunAsync(
        string file,
        IEnumerable<string> arguments,
        CancellationToken token,
        string input = "",
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            info.Environment[key] = value;

        using var process = StartOrExplain(info);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(token);
            var errors = process.StandardError.ReadToEndAsync(token);
            await WriteInputAsync(process, input);
            await process.WaitForExitAsync(token);
            return new CommandResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static Process StartOrExplain(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{info.FileName} cannot be started ({e.Message}): ./test.sh installs what the tests need", e);
        }
    }

    // A command that reads no input may end before it is written; that is its right.
    private static async Task WriteInputAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            Debug.Assert(input.Length > 0, "closing an unwritten pipe does not fail");
        }
    }
}
