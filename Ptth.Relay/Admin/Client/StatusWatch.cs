using System.Text;
using Ptth.Common.Hosting;
using Ptth.Relay.Admin.Status;

namespace Ptth.Relay.Admin.Client;

/// <summary>Shows the status again each second: on a terminal in place, otherwise a line each. Goes on while the relay is away.</summary>
/// <param name="client">Asks the relay.</param>
/// <param name="asJson">Each as JSON, on a line of its own.</param>
/// <param name="terminal">The terminal that it is drawn on; null where there is none.</param>
/// <param name="output">Where it is written.</param>
/// <param name="error">Where is written that the relay is away, where there is no terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class StatusWatch(AdminClient client, bool asJson, Terminal? terminal, TextWriter output, TextWriter error, TimeProvider time)
{
    // ECMA-48: to the first line; the rest of this line, and everything below it, gone; and the cursor out of the way.
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";
    private const string HideCursor = "\u001b[?25l";
    private const string ShowCursor = "\u001b[?25h";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private List<string> _shown = [];
    private string? _away;

    /// <summary>Shows until it is cancelled.</summary>
    /// <exception cref="AdminException">The first status cannot be had: that is a mistake rather than an outage.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Show(await client.ReadAsync(cancellation));
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation)) await ShowNextAsync(cancellation);
        }
        finally
        {
            if (terminal is not null && !asJson) output.WriteLine(ShowCursor);
        }
    }

    private async Task ShowNextAsync(CancellationToken cancellation)
    {
        try
        {
            Show(await client.ReadAsync(cancellation));
            _away = null;
        }
        catch (AdminException failure)
        {
            if (terminal is not null && !asJson) Draw(["the relay does not answer, trying again; what follows is what it was", .. _shown], terminal);
            else if (failure.Message != _away) error.WriteLine(failure.Message);
            _away = failure.Message;
        }
    }

    private void Show((byte[] Json, StatusDocument Status) status)
    {
        if (asJson)
        {
            output.WriteLine(Encoding.UTF8.GetString(status.Json));
        }
        else if (terminal is null)
        {
            output.WriteLine(StatusText.Compact(status.Status));
        }
        else
        {
            _shown = StatusText.Compose(status.Status, terminal.Columns);
            Draw(_shown, terminal);
        }

        output.Flush();
    }

    /// <summary>Over what was there, line by line, so that nothing flickers; what does not fit on the screen is left out.</summary>
    private void Draw(List<string> lines, Terminal screen)
    {
        var text = new StringBuilder(HideCursor).Append(Home);
        int fitting = Math.Min(lines.Count, Math.Max(1, screen.Rows - 1));
        for (int i = 0; i < fitting; i++) text.Append(lines[i]).Append(ClearLine).Append('\n');
        output.Write(text.Append(ClearBelow));
        output.Flush();
    }
}
