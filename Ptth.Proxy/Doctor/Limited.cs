using Ptth.Http.Client;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Doctor;

/// <summary>Bounds what is done on a channel by the time that the proxies give a connection to come about.</summary>
internal static class Limited
{
    /// <summary>Does it.</summary>
    /// <param name="channel">Is broken off when the time is over.</param>
    /// <param name="action">What is done on it.</param>
    /// <param name="examination">Whose time-outs and clock count.</param>
    /// <param name="late">The message where it took longer than so many seconds.</param>
    /// <param name="cancellation">Breaks it off.</param>
    /// <exception cref="ExchangeException">It took too long.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/>.</exception>
    public static async Task RunAsync(
        ByteChannel channel, Func<Task> action, Examination examination, Func<double, string> late, CancellationToken cancellation)
    {
        TimeSpan timeout = examination.Config.Timeouts.RelayConnect;
        using var overall = new CancellationTokenSource(timeout, examination.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(overall.Token, cancellation);
        using CancellationTokenRegistration breaking = limit.Token.Register(static state => ((ByteChannel)state!).Abort(), channel);
        try
        {
            await action();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            if (overall.IsCancellationRequested) throw new ExchangeException(late(timeout.TotalSeconds), failure);
            throw;
        }
    }
}
