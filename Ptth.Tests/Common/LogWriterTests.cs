using System.Text;
using NUnit.Framework;
using Ptth.Common.Logging;

namespace Ptth.Tests.Common;

[Parallelizable(ParallelScope.All)]
internal sealed class LogWriterTests
{
    [Test]
    [CancelAfter(30_000)]
    public void Lines_that_wait_go_out_together(CancellationToken token)
    {
        using var stream = new GatedStream();
        using (var writer = new LogWriter(stream))
        {
            writer.Write(new StringBuilder("first\n"));
            stream.Reached.Wait(token);
            for (int i = 0; i < 500; i++) writer.Write(new StringBuilder($"line {i}\n"));
            stream.Gate.Set();
        }

        Assert.That(stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(501));
        Assert.That(stream.Writes, Is.EqualTo(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public void What_a_slow_stream_leaves_waiting_is_bounded_and_the_rest_is_counted(CancellationToken token)
    {
        var line = new StringBuilder(new string('x', 1023) + "\n");
        int fitting = LogWriter.MaxWaiting / line.Length;
        using var stream = new GatedStream();
        using (var writer = new LogWriter(stream))
        {
            writer.Write(new StringBuilder("first\n"));
            stream.Reached.Wait(token);
            for (int i = 0; i < fitting + 3; i++) writer.Write(line);
            stream.Gate.Set();
        }

        string[] lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(1 + fitting + 1));
        Assert.That(lines[^1], Is.EqualTo("3 log entries were dropped: they were not read in time"));
    }

    [Test]
    public void A_stream_that_fails_stops_nobody()
    {
        using var stream = new FailingStream();
        var writer = new LogWriter(stream);
        writer.Write(new StringBuilder("lost\n"));
        Assert.That(writer.Dispose, Throws.Nothing);
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_stream_that_failed_is_written_to_again(CancellationToken token)
    {
        using var stream = new FullStream();
        using (var writer = new LogWriter(stream))
        {
            writer.Write(new StringBuilder("lost\n"));
            stream.Refused.Wait(token);
            stream.IsFull = false;
            writer.Write(new StringBuilder("kept\n"));
        }

        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo("kept\n"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_that_takes_nothing_does_not_keep_the_program_from_ending(CancellationToken token)
    {
        var stream = new GatedStream();
        var writer = new LogWriter(stream);
        writer.Write(new StringBuilder("first\n"));
        stream.Reached.Wait(token);

        await Task.Run(writer.Dispose, token).WaitAsync(token);

        Assert.That(stream.Text, Is.Empty);
        stream.Gate.Set();
    }

    /// <summary>A stream that takes nothing until its gate is opened.</summary>
    private sealed class GatedStream : MemoryStream
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Gate { get; } = new();

        public int Writes { get; private set; }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Reached.Set();
            Gate.Wait();
            Writes++;
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            Reached.Dispose();
            Gate.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>A disk without room, until there is some.</summary>
    private sealed class FullStream : MemoryStream
    {
        public ManualResetEventSlim Refused { get; } = new();

        public bool IsFull { get; set; } = true;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsFull)
            {
                base.Write(buffer);
                return;
            }

            Refused.Set();
            throw new IOException("no space left on device");
        }

        protected override void Dispose(bool disposing)
        {
            Refused.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class FailingStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("gone");
    }
}
