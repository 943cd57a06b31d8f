using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ptth.Common.Logging;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Audit;

/// <summary>One line of the audit log while it is being made: a JSON object that begins with <c>time</c> and <c>event</c>.</summary>
/// <remarks>The buffers belong to the thread: a line is begun and ended without anything else in between.</remarks>
internal readonly ref struct AuditLine
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _threadsBytes;

    [ThreadStatic]
    private static Utf8JsonWriter? _threadsJson;

    [ThreadStatic]
    private static StringBuilder? _threadsText;

    private readonly ArrayBufferWriter<byte> _bytes;
    private readonly Utf8JsonWriter _json;

    /// <summary>Begins a line.</summary>
    public AuditLine(DateTimeOffset time, string name)
    {
        _bytes = _threadsBytes ??= new ArrayBufferWriter<byte>(512);
        _bytes.ResetWrittenCount();
        _json = _threadsJson ??= new Utf8JsonWriter(_bytes);
        _json.Reset();
        _json.WriteStartObject();
        Add("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Add("event", name);
    }

    /// <summary>Adds a text, without any key in it: a stranger may write one where a name or a path belongs.</summary>
    public AuditLine Add(string name, string value)
    {
        _json.WriteString(name, PtthKey.LeaveOut(value));
        return this;
    }

    /// <summary>Adds a number.</summary>
    public AuditLine Add(string name, long value)
    {
        _json.WriteNumber(name, value);
        return this;
    }

    /// <summary>Adds a peer's address with its port.</summary>
    public AuditLine Add(string name, EndPoint? value) => Add(name, value?.ToString() ?? "unknown");

    /// <summary>Adds a list of texts.</summary>
    public AuditLine Add(string name, IEnumerable<string> values)
    {
        _json.WriteStartArray(name);
        foreach (string value in values) _json.WriteStringValue(PtthKey.LeaveOut(value));
        _json.WriteEndArray();
        return this;
    }

    /// <summary>Ends the line and hands it to a file.</summary>
    public void WriteTo(LineFile file)
    {
        StringBuilder text = _threadsText ??= new StringBuilder();
        text.Append(End()).Append('\n');
        file.Write(text);
        text.Clear();
    }

    /// <summary>Ends the line; its text.</summary>
    public string End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return Encoding.UTF8.GetString(_bytes.WrittenSpan);
    }
}
