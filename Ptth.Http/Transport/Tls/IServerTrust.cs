using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Http.Transport.Tls;

/// <summary>Decides whether a server is the one that is meant. There is no such thing that lets any server pass.</summary>
public interface IServerTrust
{
    /// <summary>How the certificate's chain is built and checked; a new one for each handshake, which adds to it.</summary>
    X509ChainPolicy CreatePolicy();

    /// <summary>Null where the server is trusted; else which check failed, and the remedy.</summary>
    /// <param name="certificate">What the server showed.</param>
    /// <param name="chain">The chain as it was built.</param>
    /// <param name="errors">What the framework found.</param>
    /// <param name="host">The host that was meant.</param>
    string? ProblemOf(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors, string host);
}
