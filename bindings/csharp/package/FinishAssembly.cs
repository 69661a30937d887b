using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.CompilerServices.SymbolWriter;
using LineEntry = Mono.CompilerServices.SymbolWriter.LineNumberEntry;

/// <summary>
/// Does for the assembly of Mono's compiler what the .NET SDK does itself: replaces its .mdb file by a portable .pdb file
/// that contains the sources, references netstandard if a version is given, and signs the assembly again.
/// Usage: FinishAssembly.exe ASSEMBLY KEY-FILE SOURCES-ROOT OUTPUT [NETSTANDARD-VERSION]
/// </summary>
internal static class FinishAssembly
{
    private static readonly Guid CSharp = new Guid("3f5162f8-07c6-11d3-9053-00c04fa302a1");
    private static readonly Guid Microsoft = new Guid("994b45c4-e6e9-11d2-903f-00c04fa302a1");

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 4 && arguments.Length != 5)
        {
            Console.Error.WriteLine("usage: FinishAssembly.exe ASSEMBLY KEY-FILE SOURCES-ROOT OUTPUT [NETSTANDARD-VERSION]");
            return 2;
        }
        using (ModuleDefinition module = ModuleDefinition.ReadModule(arguments[0]))
        {
            MonoSymbolFile symbols = MonoSymbolFile.ReadSymbolFile(arguments[0] + ".mdb");
            if (symbols.Guid != module.Mvid) throw new InvalidDataException("the .mdb file is of another assembly");
            AddSymbols(module, symbols, arguments[2]);
            if (arguments.Length == 5) ReferenceNetStandard(module, new Version(arguments[4]));
            module.Write(arguments[3], new WriterParameters
            {
                WriteSymbols = true,
                SymbolWriterProvider = new PortablePdbWriterProvider(),
                StrongNameKeyPair = new StrongNameKeyPair(File.ReadAllBytes(arguments[1])),
                // The same sources give the same file.
                DeterministicMvid = true,
                Timestamp = 0
            });
        }
        return 0;
    }

    private static void AddSymbols(ModuleDefinition module, MonoSymbolFile symbols, string root)
    {
        Dictionary<int, Document> documents = symbols.Sources.ToDictionary(file => file.Index, file => NewDocument(file, root));
        foreach (MethodEntry entry in symbols.Methods)
        {
            MethodDefinition method = (MethodDefinition)module.LookupToken(entry.Token);
            MethodDebugInformation debug = method.DebugInformation;
            Dictionary<int, Instruction> instructions = method.Body.Instructions.ToDictionary(one => one.Offset);
            foreach (LineEntry line in entry.GetLineNumberTable().LineNumbers)
            {
                Instruction instruction;
                // The compiler also gives a line to the end of a method.
                if (!instructions.TryGetValue(line.Offset, out instruction)) continue;
                if (debug.SequencePoints.Any(point => point.Offset == line.Offset)) continue;
                debug.SequencePoints.Add(Point(instruction, line, documents[line.File]));
            }
            AddVariables(method, entry, instructions);
        }
    }

    private static SequencePoint Point(Instruction instruction, LineEntry line, Document document)
    {
        const int hidden = 0xfeefee;
        SequencePoint point = new SequencePoint(instruction, document);
        bool visible = !line.IsHidden && line.Row > 0;
        // The end is missing where the compiler does not record it. A point must not be empty.
        bool known = line.EndRow > line.Row || (line.EndRow == line.Row && line.EndColumn > line.Column);
        point.StartLine = visible ? line.Row : hidden;
        point.StartColumn = visible ? Math.Max(line.Column, 1) : 0;
        point.EndLine = visible ? (known ? line.EndRow : line.Row) : hidden;
        point.EndColumn = visible ? (known ? line.EndColumn : point.StartColumn + 1) : 0;
        return point;
    }

    private static void AddVariables(MethodDefinition method, MethodEntry entry, Dictionary<int, Instruction> instructions)
    {
        LocalVariableEntry[] variables = entry.GetLocals();
        if (variables.Length == 0) return;
        ScopeDebugInformation all = new ScopeDebugInformation(method.Body.Instructions[0], null);
        Dictionary<int, ScopeDebugInformation> scopes = new Dictionary<int, ScopeDebugInformation>();
        // The table of scopes must be sorted like this.
        foreach (CodeBlockEntry block in entry.GetCodeBlocks().OrderBy(one => one.StartOffset).ThenByDescending(one => one.EndOffset))
        {
            Instruction start, end;
            if (!variables.Any(one => one.BlockIndex == block.Index)) continue;
            if (!instructions.TryGetValue(block.StartOffset, out start)) continue;
            // Without an end, the scope is the rest of the method.
            instructions.TryGetValue(block.EndOffset, out end);
            scopes[block.Index] = new ScopeDebugInformation(start, end);
            all.Scopes.Add(scopes[block.Index]);
        }
        foreach (LocalVariableEntry variable in variables.OrderBy(one => one.Index))
        {
            ScopeDebugInformation scope;
            if (!scopes.TryGetValue(variable.BlockIndex, out scope)) scope = all;
            scope.Variables.Add(new VariableDebugInformation(method.Body.Variables[variable.Index], variable.Name));
        }
        method.DebugInformation.Scope = all;
    }

    /// <summary>A source file: its path in this repository and its text.</summary>
    private static Document NewDocument(SourceFileEntry file, string root)
    {
        string path = Path.GetFullPath(file.FileName);
        string within = Path.GetFullPath(root) + Path.DirectorySeparatorChar;
        string name = path.StartsWith(within) ? path.Substring(within.Length) : Path.GetFileName(path);
        byte[] text = File.ReadAllBytes(path);
        Document document = new Document("/_/" + name.Replace(Path.DirectorySeparatorChar, '/'))
        {
            LanguageGuid = CSharp, LanguageVendorGuid = Microsoft, Type = DocumentType.Text,
            HashAlgorithm = DocumentHashAlgorithm.SHA256
        };
        using (var sha = System.Security.Cryptography.SHA256.Create()) document.Hash = sha.ComputeHash(text);
        document.CustomDebugInformations.Add(new EmbeddedSourceDebugInformation(text, true));
        return document;
    }

    // Every .NET Standard has what the binding uses of mscorlib, under the name of netstandard.
    private static void ReferenceNetStandard(ModuleDefinition module, Version version)
    {
        AssemblyNameReference library = module.AssemblyReferences.Single(reference => reference.Name == "mscorlib");
        library.Name = "netstandard";
        library.Version = version;
        library.PublicKeyToken = new byte[] { 0xcc, 0x7b, 0x13, 0xff, 0xcd, 0x2d, 0xdd, 0x51 };
    }
}
