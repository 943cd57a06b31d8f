namespace Ptth.Common.Cli;

/// <summary>The command line is wrong in a way that shows only when its parts are taken together. Exit code 2.</summary>
/// <param name="message">What is wrong and what would be right.</param>
public sealed class UsageException(string message) : Exception(message);
