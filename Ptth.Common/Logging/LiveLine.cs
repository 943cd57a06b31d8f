namespace Ptth.Common.Logging;

/// <summary>A line at the bottom of a terminal that says how things stand. Log lines scroll above it: whoever writes those draws it too.</summary>
public sealed class LiveLine
{
    private volatile string _text = "";
    private volatile Action? _changed;

    /// <summary>What it says now; empty for no line.</summary>
    internal string Text => _text;

    /// <summary>Shows another text in its place. Never waits.</summary>
    /// <param name="text">No longer than the terminal is wide; characters that a terminal could take for orders are shown as <c>?</c>.</param>
    public void Show(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = Printable(text);
        _changed?.Invoke();
    }

    /// <summary>Names the one who draws it.</summary>
    internal void Attach(Action changed) => _changed = changed;

    // ASCII alone: what any terminal shows, one column a character. A part of the text may come from the other end of a connection.
    private static string Printable(string text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        ? string.Create(text.Length, text, static (characters, source) =>
        {
            for (int i = 0; i < characters.Length; i++) characters[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        })
        : text;
}
