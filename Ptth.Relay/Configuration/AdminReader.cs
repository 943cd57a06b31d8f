using System.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>admin</c> and <c>admin_key_hash</c>.</summary>
/// <param name="listens">Knows the addresses that are taken.</param>
/// <param name="parties">Knows the keys that are taken.</param>
internal sealed class AdminReader(ListenReader listens, PartyReader parties)
{
    /// <summary>The key of the address.</summary>
    public const string AddressKey = "admin";

    private const string HashKey = "admin_key_hash";

    /// <summary>What is told; null where it is not there, or not valid, which was reported.</summary>
    public AdminEntry? Read(TomlSection root)
    {
        IPEndPoint? address = listens.ReadOne(root, AddressKey);
        KeyHash? key = parties.ReadOwnHash(root, HashKey);
        if (address is null) return null;
        var admin = new AdminEntry(address, key);
        if (admin.IsRemote && !root.Has(HashKey))
        {
            root.Report(AddressKey, $"{address} can be reached from other machines, and everybody there could close tunnels: "
                + $"set {HashKey} to the hash of a key that `ptth-relay keygen` makes, or listen on 127.0.0.1 or [::1]");
        }

        return admin;
    }
}
