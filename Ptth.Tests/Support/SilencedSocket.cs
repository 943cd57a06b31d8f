using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Tests.Support;

/// <summary>A socket whose packets the kernel drops on their way in, as if its host had been unplugged.</summary>
internal static class SilencedSocket
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int AttachFilter = 26; // SO_ATTACH_FILTER
    private const ushort ReturnConstant = 0x06; // BPF_RET | BPF_K

    /// <summary>Drops all that comes to <paramref name="socket"/> from now on: it acknowledges nothing (socket(7)).</summary>
    public static void Silence(Socket socket)
    {
        // struct sock_filter: keep 0 bytes of each packet. struct sock_fprog: one of them, and where it is.
        byte[] filter = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(filter, ReturnConstant);
        var pinned = GCHandle.Alloc(filter, GCHandleType.Pinned);
        try
        {
            byte[] program = new byte[16];
            BinaryPrimitives.WriteUInt16LittleEndian(program, 1);
            BinaryPrimitives.WriteInt64LittleEndian(program.AsSpan(8), pinned.AddrOfPinnedObject());
            socket.SetRawSocketOption(SocketLevel, AttachFilter, program);
        }
        finally
        {
            pinned.Free();
        }
    }
}
