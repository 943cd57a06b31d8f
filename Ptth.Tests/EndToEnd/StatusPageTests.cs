using System.Globalization;
using NUnit.Framework;
using Ptth.Tests.Support;
using PuppeteerSharp;

namespace Ptth.Tests.EndToEnd;

/// <summary>The status page of a published relay in a real browser.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class StatusPageTests : EndToEndTest
{
    private const string Row = "document.querySelector('#tunnels tbody tr')";
    private static readonly WaitForFunctionOptions Bound = new() { Timeout = 20_000 };

    private readonly System.Net.IPEndPoint _admin = FreePort.Take();

    [Test]
    [CancelAfter(120_000)]
    public async Task An_operator_sees_a_tunnel_come_grow_and_go_and_closes_another(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { ["echo"] = echo.EndPoint }, RelayKeys = $"admin = \"{_admin}\"" }, token);
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.OpenAsync();
        var failures = WatchFailures(page);

        await page.GoToAsync($"http://{_admin}/");
        await HoldsAsync(page, "document.querySelector('#live').textContent === 'Live' && document.querySelector('#state').textContent === 'Running'");
        await HoldsAsync(page, $"document.querySelector('#servers tbody').innerText.includes('{rig.ServerName}/echo') && document.querySelector('#servers tbody tr .pill').textContent === 'Online'");
        Assert.That(await page.EvaluateExpressionAsync<bool>("document.querySelector('#noTunnels').checkVisibility()"), Is.True, "what to do next");

        using (var socket = await rig.ConnectAsync("echo", token))
        {
            await HoldsAsync(page, $"{Row} && {Row}.innerText.includes('{rig.ClientName} \u2192 {rig.ServerName}/echo')");
            await SendAsync(socket, 300_000, token);
            await HoldsAsync(page, $"{Row}.cells[3].innerText.startsWith('300 kB') && {Row}.cells[4].innerText.startsWith('300 kB')");
            await HoldsAsync(page, "document.querySelectorAll('#graph polyline').length === 2");
            await SendAsync(socket, 700_000, token);
            await HoldsAsync(page, $"{Row}.cells[3].innerText.startsWith('1.0 MB')");
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        }

        await HoldsAsync(page, $"!{Row} && document.querySelector('#ended tbody').innerText.includes('completed')");

        using var another = await rig.ConnectAsync("echo", token);
        await SendAsync(another, 10, token);
        await HoldsAsync(page, $"{Row}?.querySelector('.pill').textContent === 'Open'");
        await page.FocusAsync("#tunnels tbody button");
        await page.Keyboard.PressAsync("Enter");
        await HoldsAsync(page, "document.querySelector('#closing').open && document.activeElement.id === 'keep'");
        await page.Keyboard.PressAsync("Escape");
        await HoldsAsync(page, $"!document.querySelector('#closing').open && {Row}.contains(document.activeElement)");
        await page.Keyboard.PressAsync("Enter");
        await HoldsAsync(page, "document.querySelector('#closing').open && document.activeElement.id === 'keep'");
        await page.Keyboard.PressAsync("Tab");
        await HoldsAsync(page, "document.activeElement.id === 'close'");
        await page.Keyboard.PressAsync("Enter");

        Assert.That(async () => await another.ReceiveToEndAsync(token), Throws.InstanceOf<System.Net.Sockets.SocketException>(), "what the local connection sees");
        await HoldsAsync(page, $"!{Row} && document.activeElement.id === 'tunnelsTitle'");
        await HoldsAsync(page, "document.querySelector('#ended tbody').innerText.includes('an operator closed it')");

        var loaded = await page.EvaluateExpressionAsync<string[]>("performance.getEntriesByType('resource').map(entry => entry.name)");
        Assert.That(loaded, Has.All.StartsWith($"http://{_admin}/").Or.StartsWith("data:"), "no request to anybody else");
        Assert.That(failures, Is.Empty, "scripts without errors, and nothing that the policy had to block");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task With_a_key_the_browser_asks_for_it_and_a_relay_that_goes_and_comes_is_told(CancellationToken token)
    {
        var key = await MadeKey.MakeAsync(token);
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { RelayKeys = $"admin = \"{_admin}\"\nadmin_key_hash = \"{key.Hash}\"" }, token);
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.OpenAsync(360, 740);

        await page.AuthenticateAsync(new Credentials { Username = "operator", Password = key.Key });
        await page.GoToAsync($"http://{_admin}/");
        await HoldsAsync(page, "document.querySelector('#live').textContent === 'Live'");
        Assert.That(await page.EvaluateExpressionAsync<bool>("document.documentElement.scrollWidth <= 360"), Is.True, "a phone need not scroll sideways");

        await rig.Relay.KillAsync();
        await HoldsAsync(page, "document.querySelector('#lost').checkVisibility() && document.querySelector('#lost').textContent.startsWith('Connection lost, trying again')");
        await rig.StartRelayAsync();
        await HoldsAsync(page, "!document.querySelector('#lost').checkVisibility() && document.querySelector('#live').textContent === 'Live'");
    }

    private static List<string> WatchFailures(IPage page)
    {
        List<string> failures = [];
        page.PageError += (_, e) => failures.Add(e.Message);
        page.Console += (_, e) =>
        {
            if (e.Message.Type == ConsoleType.Error) failures.Add(e.Message.Text);
        };
        return failures;
    }

    private static async Task HoldsAsync(IPage page, string condition)
    {
        try
        {
            await page.WaitForExpressionAsync(condition, Bound);
        }
        catch (WaitTaskTimeoutException)
        {
            var text = await page.EvaluateExpressionAsync<string>("document.body.innerText");
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"not within {Bound.Timeout} ms: {condition}\n{text}"));
        }
    }

    private async Task SendAsync(System.Net.Sockets.Socket socket, int count, CancellationToken token)
    {
        var bytes = Scope.Faker.Random.Bytes(count);
        var echoed = new byte[count];
        var sending = socket.SendAllAsync(bytes, token);
        await socket.ReceiveExactlyAsync(echoed, token);
        await sending;
        Assert.That(echoed, Is.EqualTo(bytes));
    }
}
