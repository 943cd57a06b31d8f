namespace Ptth.Bench;

/// <summary>Heads as real senders write them.</summary>
internal static class SampleHeads
{
    /// <summary>curl with a key.</summary>
    public static ReadOnlySpan<byte> Curl =>
        "POST /v1/connect/home/ssh HTTP/1.1\r\n"u8 +
        "Host: relay.example:8080\r\n"u8 +
        "User-Agent: curl/8.14.1\r\n"u8 +
        "Accept: */*\r\n"u8 +
        "Authorization: Bearer ptth_3q2-7wQb1c5H0n8Zk4Vd9XyTj6LmRsUaPfGhEiOoNcW\r\n"u8 +
        "Content-Length: 0\r\n\r\n"u8;

    /// <summary>A browser, for a page.</summary>
    public static ReadOnlySpan<byte> Browser =>
        "GET /v1/health?from=status-page HTTP/1.1\r\n"u8 +
        "Host: relay.example\r\n"u8 +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"u8 +
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"u8 +
        "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"u8 +
        "Accept-Encoding: gzip, deflate, br, zstd\r\n"u8 +
        "Referer: https://status.example/dashboards/relays?range=24h\r\n"u8 +
        "Connection: keep-alive\r\n"u8 +
        "Cookie: session=5f0c2f9e3b6d4a1c8e7f; theme=dark; consent=1-0-1\r\n"u8 +
        "Upgrade-Insecure-Requests: 1\r\n"u8 +
        "Sec-Fetch-Dest: document\r\n"u8 +
        "Sec-Fetch-Mode: navigate\r\n"u8 +
        "Sec-Fetch-Site: cross-site\r\n"u8 +
        "Priority: u=0, i\r\n\r\n"u8;

    /// <summary>One of the proxies behind an intermediary.</summary>
    public static ReadOnlySpan<byte> Proxy =>
        "POST /v1/upstream/mJ3zV0pXw8Qf1sKd7RtYbA HTTP/1.1\r\n"u8 +
        "Host: relay.example\r\n"u8 +
        "Authorization: Bearer ptth_3q2-7wQb1c5H0n8Zk4Vd9XyTj6LmRsUaPfGhEiOoNcW\r\n"u8 +
        "User-Agent: ptth-proxy/0.1.0\r\n"u8 +
        "Transfer-Encoding: chunked\r\n"u8 +
        "X-Forwarded-For: 203.0.113.7\r\n"u8 +
        "X-Forwarded-Proto: https\r\n\r\n"u8;
}
