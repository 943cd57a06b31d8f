namespace Ptth.Relay.Admin.Client;

/// <summary>The status could not be had.</summary>
/// <param name="message">Why, and what would be right, for whoever asked.</param>
internal sealed class AdminException(string message) : Exception(message);
