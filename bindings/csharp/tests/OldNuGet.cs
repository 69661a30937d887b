using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.Versioning;
using NuGet;

/// <summary>
/// What NuGet 2.8, the version for Visual Studio 2010, selects from the package for a project for .NET Framework 4.0.
/// Usage: OldNuGet.exe PACKAGE
/// </summary>
internal static class OldNuGet
{
    private static int Main(string[] arguments)
    {
        ZipPackage package = new ZipPackage(arguments[0]);
        FrameworkName project = new FrameworkName(".NETFramework", new Version(4, 0));
        Console.WriteLine("client " + typeof(ZipPackage).Assembly.GetName().Version);
        Console.WriteLine("needs client " + (package.MinClientVersion == null ? "any" : package.MinClientVersion.ToString()));
        Print("reference", Compatible(project, package.AssemblyReferences));
        Print("import", Compatible(project, package.GetBuildFiles()));
        IEnumerable<PackageDependencySet> dependencies;
        VersionUtility.TryGetCompatibleItems(project, package.DependencySets, out dependencies);
        Console.WriteLine("dependencies " + dependencies.Sum(set => set.Dependencies.Count));
        return 0;
    }

    private static IEnumerable<T> Compatible<T>(FrameworkName project, IEnumerable<T> items) where T : IFrameworkTargetable
    {
        IEnumerable<T> compatible;
        return VersionUtility.TryGetCompatibleItems(project, items, out compatible) ? compatible : new T[0];
    }

    private static void Print<T>(string what, IEnumerable<T> files) where T : IPackageFile
    {
        foreach (T file in files) Console.WriteLine(what + " " + file.Path.Replace('\\', '/'));
    }
}
