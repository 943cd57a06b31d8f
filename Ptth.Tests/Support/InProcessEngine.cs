using System.Runtime.CompilerServices;
using Ptth.Common.Hosting;

namespace Ptth.Tests.Support;

/// <summary>
/// Socket completions run inline here as in the programs, so that what is tested is what runs. The engine reads the setting when the
/// first socket is made; nothing of this assembly runs before a module initializer.
/// </summary>
internal static class InProcessEngine
{
    [ModuleInitializer]
    internal static void CompleteInline() => SocketEngine.Configure();
}
