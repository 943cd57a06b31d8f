using System.Globalization;
using System.Net;

namespace Ptth.Tests.Support;

/// <summary>A real sshd of its own: own host key, own configuration, own port, run as this user, for this user alone.</summary>
internal sealed class OpenSsh
{
    private readonly TestScope _scope;

    private OpenSsh(TestScope scope) => _scope = scope;

    /// <summary>Where sshd listens.</summary>
    public IPEndPoint EndPoint { get; } = FreePort.Take();

    /// <summary>Makes the keys and starts sshd.</summary>
    public static async Task<OpenSsh> StartAsync(TestScope scope, CancellationToken token)
    {
        var ssh = new OpenSsh(scope);
        await ssh.MakeKeyAsync("host_key", token);
        await ssh.MakeKeyAsync("user_key", token);
        scope.Folder.Write("authorized_keys", await File.ReadAllTextAsync(scope.Folder.File("user_key.pub"), token));
        var config = scope.Folder.Write(
            "sshd_config",
            $"""
            ListenAddress {ssh.EndPoint}
            HostKey {scope.Folder.File("host_key")}
            AuthorizedKeysFile {scope.Folder.File("authorized_keys")}
            PidFile none
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no
            Subsystem sftp internal-sftp

            """);

        // The folder into which sshd locks its unprivileged part; the distribution's service makes it at boot.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");

        // sshd starts itself anew for each connection and wants to be called by its full path for that.
        var sshd = scope.Start("sshd", "/usr/sbin/sshd", ["-D", "-e", "-f", config]);
        await sshd.WaitForLineAsync("Server listening on");
        return ssh;
    }

    /// <summary>Runs a command over ssh.</summary>
    /// <param name="via">Where to connect: a forward that leads to <see cref="EndPoint"/>.</param>
    /// <param name="command">The command.</param>
    /// <param name="token">Ends it.</param>
    public Task<CommandResult> RunAsync(IPEndPoint via, string command, CancellationToken token) =>
        Command.RunAsync("ssh", [.. Options(via), "-p", Port(via), $"{Environment.UserName}@{via.Address}", command], token);

    /// <summary>Copies a file to the other side by scp.</summary>
    public Task<CommandResult> UploadAsync(IPEndPoint via, string from, string to, CancellationToken token) =>
        Command.RunAsync("scp", [.. Options(via), "-P", Port(via), from, $"{Environment.UserName}@{via.Address}:{to}"], token);

    /// <summary>Copies a file from the other side by scp.</summary>
    public Task<CommandResult> DownloadAsync(IPEndPoint via, string from, string to, CancellationToken token) =>
        Command.RunAsync("scp", [.. Options(via), "-P", Port(via), $"{Environment.UserName}@{via.Address}:{from}", to], token);

    private static string Port(IPEndPoint via) => via.Port.ToString(CultureInfo.InvariantCulture);

    // The host key is checked, so that a connection to any other sshd of this machine cannot pass for this one.
    private string[] Options(IPEndPoint via)
    {
        var hostKey = File.ReadAllText(_scope.Folder.File("host_key.pub")).Split(' ');
        var known = _scope.Folder.Write($"known_hosts_{via.Port}", $"[{via.Address}]:{via.Port} {hostKey[0]} {hostKey[1]}\n");
        return
        [
            "-F", "none", "-i", _scope.Folder.File("user_key"),
            "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes",
            "-o", $"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none",
        ];
    }

    private async Task MakeKeyAsync(string name, CancellationToken token)
    {
        var made = await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _scope.Folder.File(name)], token);
        if (made.ExitCode != 0)
            throw new InvalidOperationException($"ssh-keygen: {made}");
    }
}
