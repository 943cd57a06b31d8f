namespace Ptth.Http.Transport.Tls;

/// <summary>What the record layer reads for, which decides when its reads may wait.</summary>
internal enum TlsReading
{
    /// <summary>The handshake: waits, and computes in the thread pool.</summary>
    Handshake,

    /// <summary>To learn that there is something: waits before the first record, without a buffer, and for the rest of a record.</summary>
    Wait,

    /// <summary>To receive: waits.</summary>
    Receive,

    /// <summary>To learn whether there is something: never waits.</summary>
    Probe,
}
