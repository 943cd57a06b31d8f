namespace Ptth.Http.Core;

/// <summary>
/// How far an unfinished head has been looked through, so that a head which comes byte by byte is not scanned from its start
/// each time. Start a new head with <c>default</c>.
/// </summary>
public struct HeadScan
{
}
