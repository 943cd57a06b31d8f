using System.Text;

namespace Ptth.Common.Logging;

/// <summary>
/// A file that lines are added to, by a thread of its own: whoever writes one never waits. It may be opened anew, as after a rotation, or
/// elsewhere. What a disk does not take is lost, and told once until it takes some again.
/// </summary>
public sealed class LineFile : IDisposable
{
    private readonly OpenedFile _file;
    private readonly LogWriter _writer;

    /// <summary>A file that is not open yet: lines go nowhere.</summary>
    /// <param name="describeDropped">The line, without its end, that tells how many were dropped because the disk was too slow.</param>
    /// <param name="onFailure">Is told, on the writing thread, why lines are being lost.</param>
    public LineFile(Func<int, string> describeDropped, Action<string> onFailure)
    {
        _file = new OpenedFile(onFailure);
        _writer = new LogWriter(_file, describeDropped);
    }

    /// <summary>What keeps the file from being written to; null where nothing does. Makes no file.</summary>
    public static string? ProblemOf(string path)
    {
        string? directory = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Path.Exists(path) && Directory.Exists(directory)) return null;
        using FileStream? opened = AppendFile.Open(path, create: false, out string problem);
        return opened is null ? problem : null;
    }

    /// <summary>Opens that file in place of the present one, and makes it where it is not there, mode 0640. False, and the present one stays, where that cannot be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong and what would be right; empty where nothing is.</param>
    public bool TryOpen(string path, out string problem)
    {
        FileStream? opened = AppendFile.Open(path, create: true, out problem);
        if (opened is null) return false;
        _file.Replace(opened);
        return true;
    }

    /// <summary>Closes the file: lines go nowhere from now on.</summary>
    public void Close() => _file.Replace(null);

    /// <summary>Takes a line, with its end.</summary>
    public void Write(StringBuilder line) => _writer.Write(line);

    /// <summary>Writes what waits, for a second at most, and closes the file.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    /// <summary>The file that is open at the moment, as the writer sees it.</summary>
    private sealed class OpenedFile(Action<string> onFailure) : Stream
    {
        private readonly Lock _lock = new();
        private FileStream? _opened;
        private bool _hasFailed;

        /// <inheritdoc/>
        public override bool CanRead => false;

        /// <inheritdoc/>
        public override bool CanSeek => false;

        /// <inheritdoc/>
        public override bool CanWrite => true;

        /// <inheritdoc/>
        public override long Length => throw new NotSupportedException();

        /// <inheritdoc/>
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        /// <summary>A write that is under way ends on the file that it began on.</summary>
        public void Replace(FileStream? opened)
        {
            FileStream? old;
            lock (_lock) (old, _opened) = (_opened, opened);
            old?.Dispose();
        }

        /// <inheritdoc/>
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_lock)
            {
                if (_opened is null || buffer.IsEmpty) return;
                try
                {
                    // What was written last may have ended within a line.
                    if (_hasFailed) _opened.Write("\n"u8);
                    _opened.Write(buffer);
                    _hasFailed = false;
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    if (!_hasFailed) onFailure(AppendFile.ReasonOf(failure));
                    _hasFailed = true;
                }
            }
        }

        /// <inheritdoc/>
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        /// <inheritdoc/>
        public override void Flush()
        {
        }

        /// <inheritdoc/>
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        /// <inheritdoc/>
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        /// <inheritdoc/>
        public override void SetLength(long value) => throw new NotSupportedException();

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            Replace(null);
            base.Dispose(disposing);
        }
    }
}
