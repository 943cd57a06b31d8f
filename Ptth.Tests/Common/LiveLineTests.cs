using System.Text;
using NUnit.Framework;
using Ptth.Common.Logging;
using Ptth.Tests.Support;

namespace Ptth.Tests.Common;

/// <summary>The line below the log, and the log above it.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class LiveLineTests
{
    private const string Clear = "\r\u001b[K";

    [Test]
    [CancelAfter(30_000)]
    public async Task It_is_drawn_cleared_for_log_lines_and_drawn_again_and_gone_at_the_end(CancellationToken token)
    {
        var stream = new SharedStream();
        var live = new LiveLine();
        using (var writer = new LogWriter(stream, live: live))
        {
            live.Show("one");
            await InProcessWait.UntilAsync(() => stream.Text == $"{Clear}one", "the first", token);
            writer.Write(new StringBuilder("logged\n"));
            await InProcessWait.UntilAsync(() => stream.Text == $"{Clear}one{Clear}logged\none", "above it", token);
            live.Show("other");
            await InProcessWait.UntilAsync(() => stream.Text.EndsWith($"{Clear}other", StringComparison.Ordinal), "another", token);
        }

        Assert.That(stream.Text, Is.EqualTo($"{Clear}one{Clear}logged\none{Clear}other{Clear}"));
        Assert.That(TerminalScreen.Show(stream.Text), Is.EqualTo(new[] { "logged", "" }));
    }

    [Test]
    public void Without_a_text_nothing_but_the_log_is_written()
    {
        var stream = new SharedStream();
        using (var writer = new LogWriter(stream, live: new LiveLine())) writer.Write(new StringBuilder("logged\n"));
        Assert.That(stream.Text, Is.EqualTo("logged\n"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_same_text_is_not_drawn_again(CancellationToken token)
    {
        var stream = new SharedStream();
        var live = new LiveLine();
        using var writer = new LogWriter(stream, live: live);
        live.Show("same");
        await InProcessWait.UntilAsync(() => stream.Text.EndsWith("same", StringComparison.Ordinal), "the first", token);
        live.Show("same");
        // Whatever the second did has been done when the third is there.
        live.Show("third");
        await InProcessWait.UntilAsync(() => stream.Text.EndsWith("third", StringComparison.Ordinal), "the third", token);
        Assert.That(stream.Text, Is.EqualTo($"{Clear}same{Clear}third"));
    }

    [Test]
    public void What_a_terminal_could_take_for_an_order_is_not_shown()
    {
        var live = new LiveLine();
        live.Show("a\u001b[2Jb\r\nc\u009bd\u00e9~ ");
        Assert.That(live.Text, Is.EqualTo("a?[2Jb??c?d?~ "));
    }

    /// <summary>A stream that may be looked into while it is written.</summary>
    private sealed class SharedStream : Stream
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_lock) return _text.ToString();
            }
        }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_lock) _text.Append(Encoding.UTF8.GetString(buffer));
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
