using System.Text;
using Bogus;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>Random messages, and random harm done to them.</summary>
internal static class RandomInput
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly string[] Hostile =
    [
        "\r", "\n", "\r\n", "\r\n\r\n", "\0", " ", "\t", ":", ";", ",", "\"", "\\", "%", "#", "\x7f", "\x80", "\xff", "0", "f",
        "chunked", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "\r\n ", "HTTP/1.0", "0\r\n\r\n",
    ];

    public static string Token(Faker faker, int mostLength) => faker.Random.String2(1, mostLength, TokenCharacters);

    /// <summary>Field text of every byte that may stand in a value, without white space at its ends.</summary>
    public static byte[] FieldValue(Faker faker)
    {
        byte[] value = faker.Random.Bytes(faker.Random.Number(0, 60));
        for (int i = 0; i < value.Length; i++)
        {
            bool atEnd = i == 0 || i == value.Length - 1;
            if (value[i] is < 0x20 and not (byte)'\t' or 0x7f || (atEnd && value[i] is (byte)' ' or (byte)'\t'))
                value[i] = (byte)faker.Random.Char('!', '~');
        }

        return value;
    }

    public static string Target(Faker faker)
    {
        var target = new StringBuilder("/");
        int pieces = faker.Random.Number(0, 20);
        for (int i = 0; i < pieces; i++)
        {
            target.Append(faker.Random.Number(0, 5) switch
            {
                0 => "/",
                1 => "%" + faker.Random.Hexadecimal(2, ""),
                2 => faker.Random.String2(1, "-._~:/?[]@!$&'()*+,;="),
                _ => faker.Random.AlphaNumeric(faker.Random.Number(1, 8)),
            });
        }

        return target.ToString();
    }

    /// <summary>A request that is right, of the kinds that proxies send.</summary>
    public static byte[] Request(Faker faker)
    {
        byte[] room = new byte[8192];
        var writer = new HeadWriter(room);
        writer.RequestLine(faker.PickRandom("GET", "POST", "PUT", "HEAD", "M-SEARCH"), Target(faker));
        writer.Field("Host"u8, faker.Internet.DomainName());
        if (faker.Random.Bool())
            writer.Field("User-Agent"u8, faker.Internet.UserAgent());
        if (faker.Random.Bool())
            writer.Field("Content-Length"u8, faker.Random.Long(0, long.MaxValue));
        else
            writer.Field("Transfer-Encoding"u8, "chunked");
        int fields = faker.Random.Number(0, 8);
        for (int i = 0; i < fields; i++)
            writer.Field(Encoding.ASCII.GetBytes("X-" + Token(faker, 20)), FieldValue(faker));
        writer.End();
        return room[..writer.Length];
    }

    /// <summary>A response that is right.</summary>
    public static byte[] Response(Faker faker)
    {
        byte[] room = new byte[8192];
        var writer = new HeadWriter(room);
        writer.StatusLine(faker.PickRandom(100, 200, 204, 304, 400, 503, 599));
        int fields = faker.Random.Number(0, 8);
        for (int i = 0; i < fields; i++)
            writer.Field(Encoding.ASCII.GetBytes("X-" + Token(faker, 20)), FieldValue(faker));
        writer.End();
        return room[..writer.Length];
    }

    /// <summary>A body cut into chunks at random, each written in one of the ways that the grammar has.</summary>
    public static byte[] Chunked(Faker faker, byte[] data)
    {
        var body = new List<byte>();
        for (int at = 0; at < data.Length;)
        {
            int length = faker.Random.Number(1, Math.Min(data.Length - at, faker.PickRandom(1, 20, 300)));
            body.AddRange(SizeLine(faker, length));
            body.AddRange(data.AsSpan(at, length));
            body.AddRange("\r\n"u8);
            at += length;
        }

        body.AddRange("0\r\n"u8);
        int trailers = faker.Random.Number(0, 3);
        for (int i = 0; i < trailers; i++)
            body.AddRange([.. Encoding.ASCII.GetBytes(Token(faker, 10)), (byte)':', .. FieldValue(faker), (byte)'\r', (byte)'\n']);
        body.AddRange("\r\n"u8);
        return [.. body];
    }

    /// <summary>The same bytes with one to four of them changed, left out, doubled, or with something hostile put between them.</summary>
    public static byte[] Harmed(Faker faker, byte[] bytes)
    {
        var harmed = bytes.ToList();
        int wounds = faker.Random.Number(1, 4);
        for (int i = 0; i < wounds && harmed.Count > 0; i++)
        {
            int at = faker.Random.Number(0, harmed.Count - 1);
            switch (faker.Random.Number(0, 4))
            {
                case 0: harmed[at] = faker.Random.Byte(); break;
                case 1: harmed.RemoveAt(at); break;
                case 2: harmed.InsertRange(at, harmed.GetRange(at, Math.Min(8, harmed.Count - at))); break;
                case 3: harmed.RemoveRange(at, Math.Min(faker.Random.Number(1, 30), harmed.Count - at)); break;
                default: harmed.InsertRange(at, Encoding.Latin1.GetBytes(faker.PickRandom(Hostile))); break;
            }
        }

        return [.. harmed];
    }

    /// <summary>Where to cut so many bytes: random places in order, the end among them.</summary>
    public static IEnumerable<int> Cuts(Faker faker, int length)
    {
        int at = 0;
        while (at < length)
        {
            at += Math.Min(length - at, faker.Random.Number(1, faker.PickRandom(2, 10, 100)));
            yield return at;
        }
    }

    private static byte[] SizeLine(Faker faker, int length)
    {
        string size = faker.Random.Bool() ? $"{length:x}" : $"{length:X}";
        string line = faker.Random.Number(0, 5) switch
        {
            0 => size.PadLeft(faker.Random.Number(1, 8), '0'),
            1 => $"{size};{Token(faker, 8)}",
            2 => $"{size} ; {Token(faker, 8)}\t=\"{faker.Random.AlphaNumeric(5)} \\\"\"",
            _ => size,
        };
        return Encoding.ASCII.GetBytes(line + "\r\n");
    }
}
