using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ptth.Tests.Support;

/// <summary>A network namespace that <c>ip netns</c> has made. What is made within it, a socket, stays in it.</summary>
internal static class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000; // CLONE_NEWNET

    /// <summary>Calls <paramref name="make"/> within the namespace, on a thread of its own: a thread belongs to one namespace.</summary>
    public static T Within<T>(string name, Func<T> make)
    {
        T made = default!;
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle($"/run/netns/{name}");
                if (setns(handle, CloneNewNet) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), $"The namespace {name} cannot be entered.");
                made = make();
            }
            catch (Exception failure)
            {
                failed = ExceptionDispatchInfo.Capture(failure);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
        return made;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setns(SafeFileHandle handle, int kind);
}
