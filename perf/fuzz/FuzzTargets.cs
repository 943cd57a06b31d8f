using Ptth.Fuzz.Targets;

namespace Ptth.Fuzz;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    /// <summary>New ones, since some keep what is costly to make.</summary>
    public static IReadOnlyList<IFuzzTarget> All() =>
    [
        new RequestHeadTarget(),
        new ResponseHeadTarget(),
        new FramingTarget(),
        new ChunkTarget(),
        new RecordTarget(),
        new ServerTarget(),
        new ClientTarget(),
        new RelayTarget(),
        ConfigTarget.OfRelay(),
        ConfigTarget.OfServerProxy(),
        ConfigTarget.OfClientProxy(),
        new TextTarget(),
    ];

    /// <summary>The target of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IFuzzTarget Of(string name) => All().SingleOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"no target \"{name}\"; there are {string.Join(", ", All().Select(static target => target.Name))}");
}
