using PuppeteerSharp;

namespace Ptth.Tests.Support;

/// <summary>A headless Chromium of the distribution, with a profile of its own that ends with it. It downloads nothing and calls nobody by itself.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-quic", "--disable-dev-shm-usage",
    ];

    private readonly IBrowser _browser;
    private readonly TemporaryFolder _profile;

    private Chromium(IBrowser browser, TemporaryFolder profile)
    {
        _browser = browser;
        _profile = profile;
    }

    /// <summary>Starts one.</summary>
    public static async Task<Chromium> StartAsync()
    {
        var profile = new TemporaryFolder();
        return new Chromium(
            await Puppeteer.LaunchAsync(new LaunchOptions
            {
                ExecutablePath = "/usr/bin/chromium",
                Headless = true,
                UserDataDir = profile.File("profile"),
                Args = Arguments,
                Timeout = 30_000,
            }),
            profile);
    }

    /// <summary>A page of a size, in CSS pixels.</summary>
    public async Task<IPage> OpenAsync(int width = 1280, int height = 900)
    {
        IPage page = await _browser.NewPageAsync();
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        await _browser.DisposeAsync();
        _profile.Dispose();
    }
}
