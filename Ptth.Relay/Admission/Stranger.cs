namespace Ptth.Relay.Admission;

/// <summary>A connection on which no known key has come, in the two lists that are kept of them. It belongs to the gate's lock.</summary>
internal sealed class Stranger
{
    public Stranger(AdmittedConnection connection, long since)
    {
        Connection = connection;
        Since = since;
        InGroup = new LinkedListNode<Stranger>(this);
        InAll = new LinkedListNode<Stranger>(this);
    }

    /// <summary>The connection.</summary>
    public AdmittedConnection Connection { get; }

    /// <summary>When it came, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Since { get; }

    /// <summary>Its place among those of its address.</summary>
    public LinkedListNode<Stranger> InGroup { get; }

    /// <summary>Its place among those of all addresses.</summary>
    public LinkedListNode<Stranger> InAll { get; }
}
