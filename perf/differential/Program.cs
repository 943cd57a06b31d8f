using System.CommandLine;
using System.Globalization;
using Ptth.Differential;

var port = new Option<int>("--port") { Description = "Where to listen, on loopback", Required = true };
var backend = new Command("backend", "Run what stands behind the intermediaries") { port };
backend.SetAction((parsed, stopping) => Backend.RunAsync(parsed.GetValue(port), stopping));

var kestrel = new Command("kestrel", "Run Kestrel, as one of those that are compared") { port };
kestrel.SetAction((parsed, stopping) => KestrelEcho.RunAsync(parsed.GetValue(port), stopping));

var peers = new Option<string[]>("--peer") { Description = "One that is compared, NAME=PORT; the relay is the first", Required = true };
var key = new Option<string>("--key") { Description = "A client's key of the relay", Required = true };
var notes = new Option<string>("--notes") { Description = "Why, where the relay takes what another refuses", Required = true };
var about = new Option<string>("--about") { Description = "What stands above the table: date and versions", Required = true };
var table = new Command("table", "Show each case to each of them and print the table") { peers, key, notes, about };
table.SetAction(async (parsed, stopping) =>
{
    (string Name, int Port)[] compared = [.. parsed.GetValue(peers)!.Select(static peer => peer.Split('=')).Select(static parts => (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture)))];
    var results = await Comparison.RunAsync(Cases.All(parsed.GetValue(key)!), compared, stopping);
    Console.Write(Table.Write([.. compared.Select(static peer => peer.Name)], results, Notes.Load(parsed.GetValue(notes)!), await File.ReadAllTextAsync(parsed.GetValue(about)!, stopping)));
});

return await new RootCommand("Compares what HTTP implementations make of the same bytes") { backend, kestrel, table }.Parse(args).InvokeAsync();
