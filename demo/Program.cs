using System.Net;
using System.Net.Sockets;
using Ptth.Demo;

// Two small TCP services on free loopback ports, until the process is ended.
using var page = Listen();
using var echo = Listen();
Console.WriteLine($"ready: page {page.LocalEndPoint} echo {echo.LocalEndPoint}");
await Task.WhenAll(Services.ServeAsync(page, Services.PageAsync), Services.ServeAsync(echo, Services.EchoAsync));

static Socket Listen()
{
    var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    listener.Listen();
    return listener;
}
