using System.Net;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Configuration;

/// <summary>The admin listener.</summary>
/// <param name="Listen">Its address. One that is not loopback has a key.</param>
/// <param name="Key">The hash of the key that its requests need; null where being on this machine is enough.</param>
internal sealed record AdminEntry(IPEndPoint Listen, KeyHash? Key)
{
    /// <summary>Whether what goes over it leaves the machine.</summary>
    public bool IsRemote => !IPAddress.IsLoopback(Listen.Address);
}
