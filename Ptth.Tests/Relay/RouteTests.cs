using NUnit.Framework;
using Ptth.Relay;

namespace Ptth.Tests.Relay;

/// <summary>From a path to what is asked for.</summary>
internal sealed class RouteTests
{
    [TestCase("/v1/health", nameof(RouteKind.Health), "", "")]
    [TestCase("/v1/listen/ssh", nameof(RouteKind.Listen), "ssh", "")]
    [TestCase("/v1/connect/home/ssh", nameof(RouteKind.Connect), "home", "ssh")]
    [TestCase("/v1/accept/ID", nameof(RouteKind.Accept), "ID", "")]
    [TestCase("/v1/reject/ID", nameof(RouteKind.Reject), "ID", "")]
    [TestCase("/v1/upstream/ID", nameof(RouteKind.Upstream), "ID", "")]
    [TestCase("/v1/downstream/ID", nameof(RouteKind.Downstream), "ID", "")]
    [TestCase("/v1/listen/", nameof(RouteKind.Listen), "", "")]
    [TestCase("/v1/connect//", nameof(RouteKind.Connect), "", "")]
    [TestCase("/v1/connect/a%2Fb/c", nameof(RouteKind.Connect), "a%2Fb", "c")]
    public void Paths(string path, string kind, string first, string second)
    {
        Route route = Route.Parse(path, "/v1");
        Assert.That((route.Kind.ToString(), route.First, route.Second), Is.EqualTo((kind, first, second)));
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("/v1")]
    [TestCase("/v1/")]
    [TestCase("/v1health")]
    [TestCase("/v2/health")]
    [TestCase("/V1/health")]
    [TestCase("/v1/Health")]
    [TestCase("/v1/health/")]
    [TestCase("/v1//health")]
    [TestCase("/v1/listen")]
    [TestCase("/v1/listen/a/b")]
    [TestCase("/v1/connect/home")]
    [TestCase("/v1/connect/home/ssh/x")]
    [TestCase("/v1/connect/home/ssh/x/y/z")]
    [TestCase("/v1/accept")]
    [TestCase("/v1/%68ealth")]
    [TestCase("/x/v1/health")]
    [TestCase("*")]
    public void Nothing_else_is_there(string path) => Assert.That(Route.Parse(path, "/v1"), Is.EqualTo(default(Route)));

    [TestCase("", "/health")]
    [TestCase("/a/b", "/a/b/health")]
    public void The_base_path_is_what_is_configured(string basePath, string path) =>
        Assert.That(Route.Parse(path, basePath).Kind, Is.EqualTo(RouteKind.Health));

    [TestCase("/v1/health", "GET HEAD")]
    [TestCase("/v1/listen/a", "GET POST")]
    [TestCase("/v1/connect/a/b", "POST")]
    [TestCase("/v1/accept/a", "POST")]
    [TestCase("/v1/reject/a", "POST")]
    [TestCase("/v1/upstream/a", "POST")]
    [TestCase("/v1/downstream/a", "POST")]
    public void Methods(string path, string methods)
    {
        Route route = Route.Parse(path, "/v1");
        string[] all = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", "", "GET, HEAD"];
        Assert.That(all.Where(route.Takes), Is.EqualTo(methods.Split(' ')));
        Assert.That(route.Methods, Is.EqualTo(methods.Replace(" ", ", ", StringComparison.Ordinal)));
    }
}
