using Ptth.Common.Hosting;
using Ptth.Common.Logging;

namespace Ptth.Proxy.Live;

/// <summary>The terminal that a proxy's live line is shown on.</summary>
/// <param name="Terminal">The terminal.</param>
/// <param name="Line">The line at its bottom.</param>
internal sealed record LiveTerminal(Terminal Terminal, LiveLine Line);
