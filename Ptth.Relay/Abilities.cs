using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http;

namespace Ptth.Relay;

/// <summary>What this relay can take besides what every relay does, told in the answers to connect, accept and probe.</summary>
internal static class Abilities
{
    public static readonly HttpField Field = new(
        PtthHeaders.Accepts.ToArray(), $"{Encoding.ASCII.GetString(PtthHeaders.Segments)}, {Encoding.ASCII.GetString(PtthHeaders.Probes)}");
}
