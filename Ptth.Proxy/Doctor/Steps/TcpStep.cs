using System.Globalization;
using System.Net;
using Ptth.Http.Client;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Connects to each address until one takes the connection.</summary>
internal sealed class TcpStep : IStep
{
    /// <summary>As many as the proxies try.</summary>
    private const int MaxAddresses = 8;

    public string Name => "tcp";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        List<string> failures = [];
        IPAddress[] addresses = [.. examination.Addresses.Take(MaxAddresses)];
        TimeSpan timeout = examination.Config.Timeouts.RelayConnect;
        DialFailure last = DialFailure.None;
        foreach (IPAddress address in addresses)
        {
            TimeSpan share = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout / addresses.Length;
            long start = examination.Time.GetTimestamp();
            DialResult dialed = await TcpDialer.DialAsync(address.ToString(), examination.Port, share, examination.Time, cancellation);
            if (dialed.Socket is { } socket)
            {
                examination.Socket = socket;
                double milliseconds = examination.Time.GetElapsedTime(start).TotalMilliseconds;
                string text = string.Create(CultureInfo.InvariantCulture, $"{new IPEndPoint(address, examination.Port)} takes connections, in {milliseconds:0.#} ms");
                if (failures.Count > 0) text += $"; but not {string.Join("; ", failures)}";
                return StepOutcome.Of(text) with { Measured = new Dictionary<string, double> { ["connect_ms"] = Math.Round(milliseconds, 3) } };
            }

            failures.Add(dialed.Detail);
            last = dialed.Failure;
        }

        return StepOutcome.Failed($"{string.Join("; ", failures)}; {Remedy(last, examination)}");
    }

    private static string Remedy(DialFailure failure, Examination examination)
    {
        string who = examination.HttpProxy is null ? "the relay, or what is in front of it," : "the HTTP proxy";
        return failure switch
        {
            DialFailure.Refused => $"check that {who} runs there and listens on port {examination.Port}",
            DialFailure.TimedOut => $"check the address, and the firewalls on the way to port {examination.Port}" + (examination.HttpProxy is null
                ? "; where the way out leads through an HTTP proxy, give that: --proxy URL"
                : ""),
            _ => "check this machine's network and its routes",
        };
    }
}
