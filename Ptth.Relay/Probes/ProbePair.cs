using Ptth.Common.Protocol;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Probes;

/// <summary>
/// A <c>probe/reports</c> and the <c>probe/stream</c> that it reports about. Reports are sent at each piece of the body, by whoever reads it,
/// and once a second besides, so that the answer does not rest while the body does.
/// </summary>
/// <param name="party">Whose the probe is.</param>
/// <param name="reports">The exchange that the reports go to.</param>
/// <param name="attachBy">When the body must have begun, in the ticker's time.</param>
/// <param name="endBy">When all must be over, in the ticker's time.</param>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing to give back.
internal sealed class ProbePair(Principal party, ServerExchange reports, long attachBy, long endBy) : ITicked
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _line = new byte[ProbeReport.Length];
    private ResponsePieces? _pieces;
    private ServerExchange? _stream;
    private ProbeReport _report;
    private bool _hasEnded;
    private bool _isFinished;

    /// <summary>Completes when the body has ended, or will not come any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How many bytes of the body have come.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _report.Bytes;
        }
    }

    /// <summary>Whether the pair is that party's.</summary>
    public bool IsOf(Principal other) => party.IsServer == other.IsServer && party.Name == other.Name;

    /// <summary>The answer has begun: sends the first report.</summary>
    public ValueTask StartAsync(ResponsePieces pieces)
    {
        _pieces = pieces;
        return ReportAsync();
    }

    /// <summary>The request with the body has come; false where there was one already, or it is too late.</summary>
    public bool TryJoin(ServerExchange stream)
    {
        lock (_lock)
        {
            if (_stream is not null || _hasEnded) return false;
            _stream = stream;
            _report = _report with { End = ProbeReportEnd.Open };
            return true;
        }
    }

    /// <summary>Bytes of the body have come: reports that.</summary>
    public ValueTask NoteAsync(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            bool isChanged = _report.IsChanged || !ProbeBytes.AreAt(_report.Bytes, bytes);
            _report = _report with { Bytes = _report.Bytes + bytes.Length, IsChanged = isChanged };
        }

        return ReportAsync();
    }

    /// <summary>The body has ended, or will not come; the first to say so counts. Its request is broken off unless it has ended by itself.</summary>
    public void End(ProbeReportEnd end)
    {
        ServerExchange? stream;
        lock (_lock)
        {
            if (_hasEnded) return;
            _hasEnded = true;
            _report = _report with { End = end };
            stream = _stream;
        }

        // Where it was too late for a stream one may have joined in the same moment.
        if (end is not (ProbeReportEnd.Clean or ProbeReportEnd.Invalid)) stream?.Abort();
        _ended.TrySetResult();
    }

    /// <summary>Sends the last report and the end of the answer.</summary>
    public async ValueTask FinishAsync()
    {
        await ReportAsync();
        await _sending.WaitAsync();
        try
        {
            _isFinished = true;
            await _pieces!.EndAsync();
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public void OnTick(long nowMilliseconds)
    {
        bool isLate;
        lock (_lock) isLate = _stream is null && nowMilliseconds >= attachBy;
        if (nowMilliseconds >= endBy) End(ProbeReportEnd.Bound);
        else if (isLate) End(ProbeReportEnd.None);
        // Whoever sends already keeps the answer from resting.
        else if (_pieces is not null && _sending.CurrentCount > 0) _ = ReportQuietlyAsync();
    }

    private async Task ReportQuietlyAsync()
    {
        try
        {
            await ReportAsync();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            reports.Abort();
        }
    }

    private async ValueTask ReportAsync()
    {
        await _sending.WaitAsync();
        try
        {
            // Whoever still reads a body that was broken off may come late; and one that was begun on seeing the answer's head may come before
            // that has been sent here, too: the first report tells of it.
            if (_isFinished || _pieces is null) return;
            lock (_lock) _report.Write(_line);
            await _pieces.SendAsync(_line);
        }
        finally
        {
            _sending.Release();
        }
    }
}
