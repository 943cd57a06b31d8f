using Ptth.Http.Core;
using Ptth.Http.Flow;

namespace Ptth.Tests.Flow;

/// <summary>A sink in front of another one that counts what is spliced without ever leaving the thread.</summary>
internal sealed class CountingSink(FlowSink inner, CountingSink.Turn turn) : FlowSink(inner.Channel)
{
    /// <summary>The turns of one flow: from where something ends its wait to the next wait.</summary>
    public sealed class Turn : SynchronizationContext
    {
        private long _bytes;

        /// <summary>The most bytes that were spliced in one turn.</summary>
        public long Longest { get; private set; }

        /// <summary>Runs <paramref name="operation"/> in this context.</summary>
        public Task<T> Run<T>(Func<Task<T>> operation)
        {
            var done = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(_ => done.SetResult(operation()), null);
            return done.Task.Unwrap();
        }

        /// <inheritdoc/>
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ =>
        {
            SynchronizationContext? before = Current;
            SetSynchronizationContext(this);
            _bytes = 0;
            try
            {
                d(state);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        });

        /// <summary>So many bytes are about to be spliced.</summary>
        public void Add(int bytes) => Longest = Math.Max(Longest, _bytes += bytes);
    }

    /// <inheritdoc/>
    internal override bool OwesFraming => inner.OwesFraming;

    /// <inheritdoc/>
    internal override ReadOnlyMemory<byte> FrameSpliced(int pieceBytes)
    {
        turn.Add(pieceBytes);
        return inner.FrameSpliced(pieceBytes);
    }

    /// <inheritdoc/>
    internal override void AddOwedFraming(FlowScratch scratch) => inner.AddOwedFraming(scratch);

    /// <inheritdoc/>
    internal override void Add(FlowScratch scratch, in ChunkPiece piece, int inputStart, int inputEnd) => inner.Add(scratch, piece, inputStart, inputEnd);

    /// <inheritdoc/>
    private protected override void AddEndFraming(FlowScratch scratch) => inner.AddEnd(scratch);

    /// <inheritdoc/>
    internal override void End() => inner.End();
}
