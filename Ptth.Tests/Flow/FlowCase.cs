using System.Globalization;
using System.Text;
using Bogus;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>Where a flow's bytes come from.</summary>
public enum SourceKind
{
    /// <summary>A TCP connection.</summary>
    Raw,

    /// <summary>A chunked body.</summary>
    Chunked,

    /// <summary>A body with a length.</summary>
    Length,
}

/// <summary>Where they go.</summary>
public enum SinkKind
{
    /// <summary>A TCP connection.</summary>
    Raw,

    /// <summary>A chunked body.</summary>
    Chunked,
}

/// <summary>One flow between two channels in memory, and what must come out of it.</summary>
internal sealed class FlowCase
{
    /// <summary>The payload.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>The payload as the source sends it, framing included.</summary>
    public required byte[] Wire { get; init; }

    /// <summary>What the same connection brings behind the body.</summary>
    public byte[] Behind { get; init; } = [];

    /// <summary>Where the wire is cut into receives; the part before the first cut comes together with the head.</summary>
    public IReadOnlyList<int> Cuts { get; init; } = [];

    public SourceKind Source { get; init; }

    public SinkKind Sink { get; init; }

    public ChannelEnd End { get; init; } = ChannelEnd.Never;

    public bool IsAsync { get; init; }

    /// <summary>Makes the rates that it keeps to; none by default.</summary>
    public Func<FlowPace?> Pace { get; set; } = static () => null;

    /// <summary>What came out, once it ran.</summary>
    public InProcessChannel Out { get; private set; } = new();

    /// <summary>What the connection still has behind the body, once it ran.</summary>
    public byte[] Left { get; private set; } = [];

    /// <summary>Framing of all kinds that the grammar has, cuts of all sizes.</summary>
    public static FlowCase Random(int seed, SourceKind source, SinkKind sink)
    {
        Faker faker = Seeds.Faker(seed);
        int most = faker.Random.Number(0, 19) switch { 0 => 200_000, < 6 => 20_000, _ => 400 };
        byte[] payload = faker.Random.Bytes(faker.Random.Number(0, most));
        byte[] wire = source == SourceKind.Chunked ? Chunked(faker, payload) : payload;
        byte[] behind = source == SourceKind.Raw || faker.Random.Bool() ? [] : faker.Random.Bytes(faker.Random.Number(1, 100));
        int length = wire.Length + behind.Length;
        var cuts = new List<int> { source == SourceKind.Raw ? 0 : faker.Random.Number(0, Math.Min(length, faker.Random.Bool() ? 20 : 3_000)) };
        while (cuts[^1] < length)
        {
            int longest = faker.Random.Number(0, 3) switch { 0 => 1, 1 => 10, 2 => 500, _ => 100_000 };
            if (length > 20_000) longest = Math.Max(longest, 500);
            cuts.Add(cuts[^1] + Math.Min(length - cuts[^1], faker.Random.Number(1, longest)));
        }

        return new FlowCase
        {
            Payload = payload,
            Wire = wire,
            Behind = behind,
            Cuts = cuts,
            Source = source,
            Sink = sink,
            End = source == SourceKind.Raw ? ChannelEnd.Fin : faker.PickRandom<ChannelEnd>(),
            IsAsync = faker.Random.Bool(),
        };
    }

    /// <summary>Runs it.</summary>
    /// <param name="sends">How many sends succeed.</param>
    public async Task<FlowResult> RunAsync(int sends = int.MaxValue)
    {
        byte[] all = [.. Wire, .. Behind];
        int first = Source == SourceKind.Raw || Cuts.Count == 0 ? 0 : Cuts[0];
        IEnumerable<int> ends = [.. Cuts.Where(cut => cut > first), all.Length];
        int start = first;
        List<byte[]> pieces = [];
        foreach (int end in ends)
        {
            pieces.Add(all[start..end]);
            start = end;
        }

        using var channel = new InProcessChannel(pieces, End, IsAsync);
        Out = new InProcessChannel([], ChannelEnd.Never, IsAsync) { SendsBeforeFailure = sends };
        FlowSink sink = Sink == SinkKind.Raw ? new RawSink(Out) : new ChunkedSink(Out);
        if (Source == SourceKind.Raw) return await new Http.Flow.Flow(new RawSource(channel), sink, Pace()).RunAsync();

        string framing = Source == SourceKind.Chunked
            ? "Transfer-Encoding: chunked"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Payload.Length}");
        (Connection connection, BodyFraming read) = await InProcessConnection.BehindHeadAsync(channel, framing, all.AsMemory(0, first));
        using (connection)
        {
            FlowResult result = await new Http.Flow.Flow(BodySource.For(connection, read, HttpLimits.Default), sink, Pace()).RunAsync();
            byte[] surplus = new byte[200_000];
            int taken = connection.TakeSurplus(surplus);
            Left = [.. surplus.AsSpan(0, taken), .. channel.Rest];
            return result;
        }
    }

    /// <summary>Runs it and checks that all of it arrived, framed as it should be, and that nothing behind it was taken.</summary>
    public async Task AssertArrivesAsync(string message = "")
    {
        FlowResult result = await RunAsync();
        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, Payload.Length)), message);
        (byte[] payload, bool ended) = ReadOut();
        Assert.That(payload.AsSpan().SequenceEqual(Payload), Is.True, () => $"{message}: other bytes came, {payload.Length} of {Payload.Length}");
        Assert.That(ended, Is.True, () => $"{message}: no clean end");
        Assert.That(Left.AsSpan().SequenceEqual(Behind), Is.True, () => $"{message}: {Left.Length} bytes are left of {Behind.Length}");
    }

    /// <summary>Checks that what came out is the payload's beginning, and that no end of it was told.</summary>
    public void AssertBrokenOff(string message = "")
    {
        (byte[] payload, bool ended) = ReadOut();
        Assert.That(ended, Is.False, () => $"{message}: a clean end was told");
        Assert.That(Payload.AsSpan().StartsWith(payload), Is.True, () => $"{message}: other bytes came");
    }

    /// <summary>The payload that came out, and whether its end was told.</summary>
    public (byte[] Payload, bool HasEnded) ReadOut()
    {
        if (Sink == SinkKind.Raw) return (Out.Sent, Out.HasSentFin);
        Assert.That(Out.HasSentFin, Is.False, "an HTTP connection goes on");
        return InProcessChunks.Read(Out.Sent);
    }

    /// <summary>A body whose framing is not more than a body may have, however long it is.</summary>
    private static byte[] Chunked(Faker faker, byte[] payload)
    {
        if (payload.Length <= 3_000) return RandomInput.Chunked(faker, payload);
        var body = new List<byte>();
        for (int at = 0; at < payload.Length;)
        {
            int length = Math.Min(payload.Length - at, faker.Random.Number(1, faker.PickRandom(50, 5_000, 100_000)));
            body.AddRange(Encoding.ASCII.GetBytes(faker.Random.Bool() ? $"{length:x}\r\n" : $"{length:X4}\r\n"));
            body.AddRange(payload.AsSpan(at, length));
            body.AddRange("\r\n"u8);
            at += length;
        }

        return [.. body, .. "0\r\n\r\n"u8];
    }
}
