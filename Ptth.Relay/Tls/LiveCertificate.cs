using Microsoft.Extensions.Logging;
using Ptth.Common.Net;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Relay.Tls;

/// <summary>
/// The certificate in use. Renewed files are taken into use when they have changed, or when asked; what is of no use changes nothing.
/// Connections that have their handshake behind them go on as they are.
/// </summary>
internal sealed class LiveCertificate : ITicked, IDisposable
{
    /// <summary>How often the files are looked at. A watch of the directory would miss what moves behind symbolic links.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private CertificateFiles _files;
    private readonly Ticker _ticker;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private CertificateTexts _seen;
    private string? _seenProblem;
    private ServerCertificate _certificate;
    private volatile TlsServerHandshake _handshake;
    private string? _toldProblem;
    private string? _toldTimeProblem;
    private long _nextCheck;
    private int _isChecking;

    /// <summary>Begins with a certificate that was read from those files.</summary>
    public LiveCertificate(RelayTls tls, Ticker ticker, TimeProvider time, ILogger logger)
    {
        _files = tls.Files;
        _ticker = ticker;
        _time = time;
        _logger = logger;
        _seen = tls.Texts;
        _certificate = tls.Certificate;
        _handshake = new TlsServerHandshake(tls.Certificate.Context);
        // The configuration's notes tell it at the start.
        _toldTimeProblem = tls.Certificate.TimeProblem(time.GetUtcNow());
        _nextCheck = ticker.DeadlineIn(Interval);
        ticker.Add(this);
    }

    /// <summary>For the next connection.</summary>
    public TlsServerHandshake Handshake => _handshake;

    /// <summary>When the one in use expires.</summary>
    public DateTime NotAfter => Volatile.Read(ref _certificate).NotAfter;

    /// <summary>Takes what has just been read, maybe out of other files, and says what came of it.</summary>
    public void Use(RelayTls tls)
    {
        lock (_lock)
        {
            _files = tls.Files;
            Take(tls.Texts);
            if (_seenProblem is not null) RelayLog.CertificateRefused(_logger, _seenProblem);
            _toldProblem = _seenProblem;
            TellTimeProblem();
        }
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        if (nowMilliseconds < _nextCheck) return;
        _nextCheck = _ticker.DeadlineIn(Interval);
        // A file system that hangs holds up one thread of the pool, not the ticker.
        if (Interlocked.Exchange(ref _isChecking, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(static live => live.CheckInTurn(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public void Dispose() => _ticker.Remove(this);

    private void CheckInTurn()
    {
        try
        {
            Check();
        }
        finally
        {
            Volatile.Write(ref _isChecking, 0);
        }
    }

    private void Check()
    {
        lock (_lock)
        {
            string? problem = null;
            if (CertificateTexts.Read(_files, (_, what) => problem ??= what) is { } texts)
            {
                if (texts != _seen) Take(texts);
                problem = _seenProblem;
            }

            // The same is told once.
            if (problem is not null && problem != _toldProblem) RelayLog.CertificateRefused(_logger, problem);
            _toldProblem = problem;
            TellTimeProblem();
        }
    }

    private void Take(CertificateTexts texts)
    {
        _seen = texts;
        _seenProblem = null;
        ServerCertificate? certificate = ServerCertificate.Parse(texts, _files, (_, what) => _seenProblem ??= what);
        if (certificate is null) return;
        DateTimeOffset now = _time.GetUtcNow();
        if (!certificate.IsInItsTime(now) && _certificate.IsInItsTime(now))
        {
            _seenProblem = $"{_files.Certificate} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only";
            return;
        }

        _certificate = certificate;
        _handshake = new TlsServerHandshake(certificate.Context);
        _toldTimeProblem = null;
        RelayLog.CertificateTaken(_logger, CertificateNames.Describe(certificate.Names), certificate.NotAfter, certificate.Fingerprint);
    }

    private void TellTimeProblem()
    {
        string? problem = _certificate.TimeProblem(_time.GetUtcNow());
        if (problem is not null && problem != _toldTimeProblem) RelayLog.CertificateTime(_logger, problem);
        _toldTimeProblem = problem;
    }
}
