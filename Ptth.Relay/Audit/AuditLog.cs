using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Common.Logging;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;

namespace Ptth.Relay.Audit;

/// <summary>
/// Who came in, who did not, and who did what to the relay: lines of JSON in a file of their own, whose names and values stay as they are.
/// Nothing is written, and nothing is spent on it, where no file is asked for. Its schema is in docs/operations.md.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private readonly Ticker _ticker;
    private readonly ILogger _logger;
    private readonly LogThrottle _failures = new();
    private LineFile? _file;
    private volatile LineFile? _inUse;

    /// <summary>A log without a file.</summary>
    /// <param name="ticker">The clock.</param>
    /// <param name="logger">Is told where lines are being lost.</param>
    public AuditLog(Ticker ticker, ILogger logger)
    {
        _ticker = ticker;
        _logger = logger;
    }

    /// <summary>
    /// Writes to that file from now on, or nowhere for null. The same file is opened anew, since it may have been moved away. Events that
    /// come meanwhile go to the one or the other.
    /// </summary>
    /// <exception cref="ConfigException">It cannot be opened; what was in use stays.</exception>
    public void Use(AuditFile? file)
    {
        if (file is null)
        {
            _inUse = null;
            _file?.Close();
            return;
        }

        // One for all files that there will be: whoever has it in hand may still write.
        _file ??= new LineFile(
            dropped => Line("lost").Add("count", dropped).End(),
            reason => RelayLog.AuditFailed(_logger, reason));
        if (!_file.TryOpen(file.Path, out string problem)) throw file.Refuse(problem);
        _inUse = _file;
    }

    /// <summary>The relay listens.</summary>
    public void Started(string addresses)
    {
        if (_inUse is { } file) Line("start").Add("addresses", addresses).WriteTo(file);
    }

    /// <summary>A request without a key that is good now and from there. A flood of them is thinned, and told by its number.</summary>
    /// <param name="remote">Where it came from.</param>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path; a query is left out, since it may hold what is nobody's business.</param>
    /// <param name="authentication">What is wrong with the key.</param>
    /// <param name="status">How it was answered.</param>
    public void AuthenticationFailed(EndPoint? remote, string method, ReadOnlySpan<char> path, Authentication authentication, int status)
    {
        if (_inUse is not { } file || !_failures.TryTake(_ticker.NowMilliseconds, out int leftOut)) return;
        AuditLine line = Line("authentication_failed").Add("remote", remote).Add("verdict", NameOf(authentication.Verdict));
        if (authentication.Verdict is KeyVerdict.Expired or KeyVerdict.WrongAddress) line.Add("owner", authentication.Owner);
        line.Add("method", method).Add("path", path.ToString()).Add("status", status);
        if (leftOut > 0) line.Add("left_out", leftOut);
        line.WriteTo(file);
    }

    /// <summary>A client's connect has been accepted, or has failed.</summary>
    /// <param name="client">The client's name.</param>
    /// <param name="remote">Where its request came from.</param>
    /// <param name="address">What it asked for.</param>
    /// <param name="id">The connection's ID; null where there never was one.</param>
    /// <param name="outcome">See <see cref="ConnectOutcome"/>.</param>
    public void Connect(string client, EndPoint? remote, PortAddress address, ConnectionId? id, string outcome)
    {
        if (_inUse is not { } file) return;
        AuditLine line = Line("connect").Add("client", client).Add("remote", remote).Add("server", address.Server).Add("port", address.Port);
        if (id is { } known) line.Add("id", known.ToString());
        line.Add("outcome", outcome).WriteTo(file);
    }

    /// <summary>Something that an operator did, or tried to do.</summary>
    /// <param name="act">What, such as <c>close_tunnel</c>; in lower case, the words joined by underscores.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="details">More of it, by name.</param>
    public void AdministrativeAct(string act, EndPoint? remote, params ReadOnlySpan<(string Name, string Value)> details)
    {
        if (_inUse is not { } file) return;
        AuditLine line = Line("admin").Add("act", act).Add("remote", remote);
        foreach ((string name, string value) in details) line.Add(name, value);
        line.WriteTo(file);
    }

    /// <summary>The configuration was read again, and taken.</summary>
    /// <param name="changes">What has changed.</param>
    /// <param name="needRestart">What has not been taken.</param>
    public void Reloaded(IEnumerable<string> changes, IEnumerable<string> needRestart)
    {
        if (_inUse is { } file) Line("reload").Add("outcome", "taken").Add("changes", changes).Add("need_restart", needRestart).WriteTo(file);
    }

    /// <summary>The configuration was read again, and is not valid.</summary>
    public void ReloadRefused(IEnumerable<ConfigProblem> problems)
    {
        if (_inUse is { } file) Line("reload").Add("outcome", "refused").Add("problems", problems.Select(static problem => problem.ToString())).WriteTo(file);
    }

    /// <summary>The drain has begun.</summary>
    public void Draining()
    {
        if (_inUse is { } file) Line("drain").WriteTo(file);
    }

    /// <summary>The relay ends.</summary>
    public void Stopped(int broken)
    {
        if (_inUse is { } file) Line("stop").Add("broken_off", broken).WriteTo(file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private AuditLine Line(string name) => new(_ticker.Time.GetUtcNow(), name);

    private static string NameOf(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Missing => "missing",
        KeyVerdict.Unknown => "unknown",
        KeyVerdict.Expired => "expired",
        _ => "wrong_address",
    };
}
