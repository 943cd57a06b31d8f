namespace Ptth.Proxy.Live;

/// <summary>A proxy's tunnels and bytes at one moment.</summary>
/// <param name="Tunnels">Open tunnels.</param>
/// <param name="SentBytes">Sent to the relay since the start.</param>
/// <param name="ReceivedBytes">Received from it since the start.</param>
/// <param name="SentPerSecond">Bytes a second of late.</param>
/// <param name="ReceivedPerSecond">Bytes a second of late.</param>
internal readonly record struct TrafficRates(int Tunnels, long SentBytes, long ReceivedBytes, double SentPerSecond, double ReceivedPerSecond);
