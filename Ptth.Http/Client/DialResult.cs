using System.Net.Sockets;

namespace Ptth.Http.Client;

/// <summary>Why a TCP connection did not come about.</summary>
public enum DialFailure
{
    /// <summary>It did.</summary>
    None,

    /// <summary>The address answered that nobody listens there.</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No way there, or the name server does not answer.</summary>
    Unreachable,

    /// <summary>The name does not exist, or has no address.</summary>
    UnknownName,
}

/// <summary>How a dial ended.</summary>
/// <param name="Socket">The connected socket, for the caller to own; null after a failure.</param>
/// <param name="Failure">Why there is none.</param>
/// <param name="Detail">The failure in words.</param>
public readonly record struct DialResult(Socket? Socket, DialFailure Failure, string Detail);
