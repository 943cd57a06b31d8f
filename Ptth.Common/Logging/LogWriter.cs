using System.Text;

namespace Ptth.Common.Logging;

/// <summary>
/// Writes log lines to a stream, on a thread of its own, so that nobody who logs waits for the stream. What comes within a few milliseconds
/// goes out together: under load a line costs no wake-up and no system call of its own.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>What may wait while the stream takes nothing, characters: some thousand lines. More is dropped and counted.</summary>
    internal const int MaxWaiting = 256 * 1024;

    /// <summary>What goes out in one call, characters.</summary>
    private const int PieceChars = 16 * 1024;

    /// <summary>How long the first line waits for others. Short enough for somebody who watches, and for whoever reads the last lines of a process that was killed.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the end waits for a stream that does not take what is left: whatever stands still behind it, the program is to end.</summary>
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(1);

    /// <summary>To the first column, and everything behind it gone (ECMA-48: CR, EL).</summary>
    private const string ClearLine = "\r\u001b[K";

    private readonly Lock _lock = new();
    private readonly LiveLine? _live;
    private readonly AutoResetEvent _hasLines = new(false);
    private readonly ManualResetEvent _closing = new(false);
    private readonly StreamWriter _output;
    private readonly Func<int, string> _describeDropped;
    private readonly Thread _thread;
    private StringBuilder _waiting = new();
    private StringBuilder _writing = new();
    private int _dropped;
    private bool _isClosed;
    private string _shown = "";

    /// <summary>Begins to wait for lines.</summary>
    /// <param name="output">Where they go; not closed.</param>
    /// <param name="describeDropped">The line, without its end, that tells how many were dropped; null for plain text.</param>
    /// <param name="live">What is shown below them, where the output is a terminal; gone at the end.</param>
    public LogWriter(Stream output, Func<int, string>? describeDropped = null, LiveLine? live = null)
    {
        _describeDropped = describeDropped ?? (static dropped => $"{dropped} log entries were dropped: they were not read in time");
        _live = live;
        _live?.Attach(Wake);
        _output = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), PieceChars, leaveOpen: true);
        _thread = new Thread(Run) { IsBackground = true, Name = "Log" };
        _thread.Start();
    }

    /// <summary>Takes a line, with its end. Never waits. After the end it is lost: connections may still be ending then.</summary>
    public void Write(StringBuilder line)
    {
        lock (_lock)
        {
            if (_isClosed) return;
            if (_waiting.Length + line.Length > MaxWaiting)
            {
                _dropped++;
                return;
            }

            // Under the lock, so that it does not meet the event's end.
            if (_waiting.Length == 0) _hasLines.Set();
            _waiting.Append(line);
        }
    }

    /// <summary>Writes what is waiting, and ends; after a second in any case.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isClosed) return;
            _isClosed = true;
        }

        _closing.Set();
        // The thread still uses the events; it ends with the process.
        if (!_thread.Join(Closing)) return;
        _hasLines.Dispose();
        _closing.Dispose();
    }

    private void Wake()
    {
        // Under the lock, so that it does not meet the event's end.
        lock (_lock)
        {
            if (!_isClosed) _hasLines.Set();
        }
    }

    private void Run()
    {
        WaitHandle[] either = [_hasLines, _closing];
        do
        {
            WaitHandle.WaitAny(either);
            _closing.WaitOne(Gathering);
            WriteWaiting(_live?.Text ?? "");
        }
        while (!_closing.WaitOne(TimeSpan.Zero));
        WriteWaiting(live: "");
    }

    private void WriteWaiting(string live)
    {
        int dropped;
        lock (_lock)
        {
            (_waiting, _writing) = (_writing, _waiting);
            dropped = _dropped;
            _dropped = 0;
        }

        // Where the line stays as it is and nothing goes above it, nothing is written.
        bool redraw = live != _shown || (live.Length > 0 && _writing.Length > 0);
        try
        {
            if (redraw) _output.Write(ClearLine);
            _output.Write(_writing);
            if (dropped > 0) _output.WriteLine(_describeDropped(dropped));
            if (redraw) _output.Write(live);
            _output.Flush();
            _shown = live;
        }
        catch (IOException)
        {
            // The reader has gone, or the disk is full, and there is nobody to tell. There may be room for later lines.
        }

        _writing.Clear();
    }
}
