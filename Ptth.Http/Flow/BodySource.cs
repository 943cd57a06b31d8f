using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A message body on an HTTP connection that was handed over behind its head.</summary>
public abstract class BodySource : FlowSource
{
    private readonly Connection _connection;

    private protected BodySource(Connection connection) : base(connection.Channel) => _connection = connection;

    /// <inheritdoc/>
    internal override bool EndsWithChannel => false;

    /// <inheritdoc/>
    internal override bool HasSurplus => _connection.SurplusLength > 0;

    /// <summary>The source for a body of that framing.</summary>
    /// <exception cref="ArgumentException">The body's end cannot be told from a break: it ends with the connection.</exception>
    internal static BodySource For(Connection connection, BodyFraming framing, HttpLimits limits) => framing.Kind switch
    {
        BodyKind.Chunked => new ChunkedBodySource(connection, limits),
        BodyKind.Length => new LengthBodySource(connection, framing.Length),
        BodyKind.None => new LengthBodySource(connection, 0),
        _ => throw new ArgumentException("A body that ends with the connection cannot be relayed: a break would look like its end.",
            nameof(framing)),
    };

    /// <inheritdoc/>
    internal override int TakeSurplus(Span<byte> destination) => _connection.TakeSurplus(destination);

    /// <inheritdoc/>
    internal override void End(ReadOnlySpan<byte> surplus) => _connection.EndBody(surplus);
}
