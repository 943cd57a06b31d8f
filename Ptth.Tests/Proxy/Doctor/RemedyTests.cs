using NUnit.Framework;
using Ptth.Proxy.Doctor.Findings;

namespace Ptth.Tests.Proxy.Doctor;

internal sealed class RemedyTests
{
    [TestCase("nginx/1.22.1", null, new[] { IntermediaryKind.Nginx })]
    [TestCase("Apache/2.4.62 (Debian)", null, new[] { IntermediaryKind.Apache })]
    [TestCase("lighttpd/1.4.69", "1.1 proxy (squid/5.7), 1.1 tinyproxy (tinyproxy/1.11.1)", new[] { IntermediaryKind.Lighttpd, IntermediaryKind.Squid, IntermediaryKind.Tinyproxy })]
    [TestCase("Caddy", "", new[] { IntermediaryKind.Caddy })]
    [TestCase("Something/1", null, new[] { IntermediaryKind.Other })]
    [TestCase(null, null, new IntermediaryKind[0])]
    [TestCase("", ", ,", new IntermediaryKind[0])]
    public void Intermediaries_are_known_by_what_they_say_of_themselves(string? server, string? via, object kinds)
    {
        Assert.That(Intermediary.Of(server, via).Select(one => one.Kind), Is.EqualTo(kinds));
    }

    [Test]
    public void Each_finding_has_a_word_a_meaning_and_a_remedy_whoever_did_it([Values] FindingKind kind, [Values] IntermediaryKind by)
    {
        var finding = new Finding(kind, "x", [new Intermediary(by, "Server: x")]) { Bound = 60, IsForwarded = true };

        Assert.That(finding.Name, Does.Match("^[a-z0-9]+(-[a-z0-9]+)*$"));
        Assert.That(finding.Meaning, Does.EndWith("."));
        Assert.That(finding.Remedies.SelectMany(remedy => remedy.Directives), Is.Not.Empty.And.All.Not.Empty);
    }

    [TestCase(FindingKind.RequestBuffering, new[] { "proxy_request_buffering off;" })]
    [TestCase(FindingKind.ResponseBufferingUnasked, new[] { "proxy_buffering off;" })]
    [TestCase(FindingKind.SizeCap, new[] { "client_max_body_size 0;" })]
    [TestCase(FindingKind.Http10ToRelay, new[] { "proxy_http_version 1.1;", "proxy_set_header Connection \"\";" })]
    public void Who_shows_itself_gets_its_own_directives_alone(FindingKind kind, string[] directives)
    {
        var finding = new Finding(kind, "x", [new Intermediary(IntermediaryKind.Nginx, "Server: nginx")]);

        Remedy[] others = [.. finding.Remedies.Where(remedy => remedy.At != "server.toml, client.toml")];
        Assert.That(others.Select(remedy => remedy.At), Is.EqualTo(new[] { "nginx" }));
        Assert.That(others[0].Directives, Is.EqualTo(directives));
    }

    [Test]
    public void Where_nothing_shows_itself_each_that_is_known_is_told()
    {
        Assert.That(new Finding(FindingKind.IdleCut, "x", []) { Bound = 60 }.Remedies.Select(remedy => remedy.At), Is.EqualTo(new[]
        {
            "where it is nginx", "where it is HAProxy", "where it is Apache httpd", "where it is Caddy", "where it is lighttpd", "server.toml, client.toml",
        }));
    }

    [TestCase(1, "keep_alive = 1")]
    [TestCase(60, "keep_alive = 30")]
    [TestCase(100, "keep_alive = 50")]
    public void Records_come_in_half_the_time_of_a_cut(int seconds, string key)
    {
        Assert.That(new Finding(FindingKind.IdleCut, "x", []) { Bound = seconds }.Remedies[^1].Directives, Is.EqualTo(new[] { key }));
    }

    [TestCase(100_000, new[] { "upload = \"auto\"  # the default", "segment_bytes = 100000" })]
    [TestCase(10_485_760, new[] { "upload = \"auto\"  # the default" })]
    public void Segments_are_shorter_than_what_is_refused(int bytes, string[] keys)
    {
        Assert.That(new Finding(FindingKind.SizeCap, "x", []) { Bound = bytes }.Remedies[^1].Directives, Is.EqualTo(keys));
    }

    [TestCase(FindingKind.RelayConnectionsClosed, IntermediaryKind.Lighttpd)]
    [TestCase(FindingKind.ConnectionsClosed, IntermediaryKind.Tinyproxy)]
    public void Who_cannot_keep_connections_is_not_asked_to(FindingKind kind, IntermediaryKind by)
    {
        Assert.That(new Finding(kind, "x", [new Intermediary(by, "x")]).Remedies, Is.Empty);
    }
}
