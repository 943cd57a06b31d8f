using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Commands;

/// <summary><c>ptth-relay check</c>: what run would do, without doing it.</summary>
internal static class CheckCommand
{
    public static Command Create(ProgramContext program)
    {
        Option<string?> configPath = RelayOptions.Config();
        Option<IPEndPoint[]> listen = RelayOptions.Listen();
        var command = new Command("check", "Read and validate the configuration, and print what run would do") { configPath, listen };
        command.SetAction(parsed => Check(program, parsed.GetRequiredValue(configPath)!, parsed.GetValue(listen)!));
        return command;
    }

    private static int Check(ProgramContext program, string path, IReadOnlyList<IPEndPoint> listen)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        RelayConfig config = RelayConfigFile.Load(path, listen, now, out IReadOnlyList<ConfigProblem> notes);
        foreach (ConfigProblem note in notes) program.Error.WriteLine($"note: {note}");
        TextWriter output = program.Output;
        output.WriteLine($"{path} is valid");
        foreach (IPEndPoint address in config.Listen) output.WriteLine($"listen on {address}, requests below {config.BasePath}/");
        if (config.TrustedProxies.Count > 0) output.WriteLine($"clients' addresses as told by {string.Join(", ", config.TrustedProxies)}");
        if (config.Tls is { } tls) WriteTls(output, tls, config.BasePath);
        if (config.Admin is { } admin) output.WriteLine($"admin on http://{admin.Listen}/, {(admin.Key is null ? "without a key: for this machine only" : "with a key")}");
        if (config.AuditLog is { } audit) output.WriteLine($"audit log to {audit.Path}");
        foreach (ServerEntry server in config.Servers) output.WriteLine($"server {server.Name}{Conditions(server, now)}");
        foreach (ClientEntry client in config.Clients)
            output.WriteLine($"client {client.Name} may reach {(client.Allow.Count == 0 ? "nothing" : string.Join(", ", client.Allow))}{Conditions(client, now)}");
        return ExitCodes.Ok;
    }

    /// <summary>How long a party's keys are good, and where its requests may come from; nothing where there is no condition.</summary>
    private static string Conditions(PartyEntry party, DateTimeOffset now)
    {
        var text = new StringBuilder();
        foreach ((string name, PartyKey key) in party.Keys)
        {
            string which = name == "key" ? "its key" : "its old key";
            if (key.Expires is { } end) text.Append(CultureInfo.InvariantCulture, $"; {which} {(end > now ? "is good until" : "expired at")} {end:yyyy-MM-dd'T'HH:mm:ss'Z'}");
            else if (party.OldKey is not null) text.Append(CultureInfo.InvariantCulture, $"; {which} does not expire");
        }

        if (party.AllowFrom.Count > 0) text.Append("; from ").AppendJoin(", ", party.AllowFrom);
        return text.ToString();
    }

    private static void WriteTls(TextWriter output, RelayTls tls, string basePath)
    {
        foreach (IPEndPoint address in tls.Listen) output.WriteLine($"listen on {address} with TLS, requests below {basePath}/");
        ServerCertificate certificate = tls.Certificate;
        output.WriteLine($"certificate {tls.Files.Certificate}: {CertificateNames.Printable(certificate.Subject)}, with {certificate.ChainLength} more of its chain");
        output.WriteLine($"certificate is for {CertificateNames.Describe(certificate.Names)}");
        output.WriteLine($"certificate is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}");
        output.WriteLine($"certificate has the fingerprint {certificate.Fingerprint}");
    }
}
